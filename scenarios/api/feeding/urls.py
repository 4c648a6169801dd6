from config.api.routing import ContractRouter

from .mentors import PeerMentors
from .views import Activities, Certifications, Pauses

router = ContractRouter()
for name, collection in (
    ("peer-mentors", PeerMentors),
    ("activities", Activities),
    ("certifications", Certifications),
    ("pauses", Pauses),
):
    router.register(name, collection, basename=name)

urlpatterns = router.urls
