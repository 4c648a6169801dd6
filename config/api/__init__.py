"""What every API of the house has in common: reading, refusing, paging, access. Imports no app."""
