"""Addresses as the contracts print them, and as people type them."""

from rest_framework.routers import SimpleRouter


class ContractRouter(SimpleRouter):
    """Serve each address with and without a slash at its end; a redirect would lose the body of a POST.

    Literal segments come before the id, as in every router of DRF.
    """

    def __init__(self):
        super().__init__()
        self.trailing_slash = "/?"
