"""People, their organisations, invitations, members and API keys."""
