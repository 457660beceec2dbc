"""Everything of the sandbox that is not the Graph: consent, tokens for codes, pages, the control panel."""
