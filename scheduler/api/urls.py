from config.api.routing import ContractRouter

from .views import SchedulerInvocations

router = ContractRouter()
router.register("scheduler-invocations", SchedulerInvocations, basename="scheduler-invocations")

urlpatterns = router.urls
