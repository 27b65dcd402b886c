"""The OAI-PMH 2.0 data provider: a reader of the change log writes the items, harvesters read them over HTTP."""
