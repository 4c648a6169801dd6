from django.urls import include, path, re_path

from config.api.routing import ContractRouter

from .jobs import Jobs
from .questions import Backtest, Explanation, Preview

router = ContractRouter()
router.register("jobs", Jobs, basename="job")

urlpatterns = [
    re_path(
        "^peer-mentors/(?P<user_id>[A-Za-z0-9_.:-]{1,64})/explanation/?$", Explanation.as_view(), name="explanation"
    ),
    re_path("^rules/preview/?$", Preview.as_view(), name="rule-preview"),
    re_path("^rules/backtest/?$", Backtest.as_view(), name="rule-backtest"),
    path("", include(router.urls)),
]
