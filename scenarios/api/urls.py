from config.api.routing import ContractRouter

from .views import ScenarioEvaluations

router = ContractRouter()
router.register("scenario-evaluations", ScenarioEvaluations, basename="scenario-evaluations")

urlpatterns = router.urls
