"""The editor of a configuration: a section for each component, over one draft that is saved as a whole."""
