"""The ground floor: everything that reaches outside this process.

Documents in a folder or an S3 store, the database, mail, cloud drives, printers by IPP and SNMP, the recognition,
translation and analysis engines, and the settings and errors that all rooms share. Imports none of the other rooms.
"""
