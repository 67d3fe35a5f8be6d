"""The resource library: files that configurations use, looked into before they are taken (FL-338…FL-345)."""
