"""No statement of a request runs longer than a few seconds: whatever takes longer is a question for the workers."""

from contextlib import suppress

from django.conf import settings
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.utils.translation import gettext as _
from psycopg.errors import QueryCanceled

from config.api.errors import is_api, took_too_long


class RequestDeadline:
    """Limit the statements of requests. A worker's are limited by the settings of the connection alone."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        limited = False

        def limit(execute, sql, params, many, context):
            nonlocal limited
            if not limited:
                limited = True
                # Past Django's cursor: it is no query of the page.
                with connection.wrap_database_errors:
                    connection.connection.execute(f"SET statement_timeout = {settings.REQUEST_STATEMENT_SECONDS}000")
            return execute(sql, params, many, context)

        with connection.execute_wrapper(limit):
            response = self.get_response(request)
        if limited and connection.connection is not None:
            # The next one on this connection may be no request; one that broke off is rolled back by others.
            with suppress(Exception):
                connection.connection.execute("RESET statement_timeout")
        return response

    def process_exception(self, request, exception):
        if isinstance(exception, OperationalError) and isinstance(exception.__cause__, QueryCanceled):
            if is_api(request):
                return took_too_long()
            return HttpResponse(
                _("This took too long and was stopped. Please ask for less, for example for fewer days."),
                status=503,
                content_type="text/plain; charset=utf-8",
            )
        return None
