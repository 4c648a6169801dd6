from config.api.routing import ContractRouter

from .clearances import Clearances

router = ContractRouter()
router.register("clearances", Clearances, basename="clearances")

urlpatterns = router.urls
