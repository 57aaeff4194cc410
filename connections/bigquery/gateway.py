"""BigQuery over REST, and gRPC where rows are many, for one service account and one project.

Specification: https://cloud.google.com/bigquery/docs/reference/rest. Google's own client
does the talking. Nothing of it leaves this package: no object, no exception, no text of an
error, and never the key, the assertion or the token. No call is tried twice here; that is
for the worker to decide, by which of the two errors it gets (docs/adr/0002).
"""

from connections.bigquery.browsing import Browsing
from connections.bigquery.checking import Checking
from connections.bigquery.querying import Querying
from connections.bigquery.writing import Writing


class BigQuery(Checking, Browsing, Querying, Writing):
    """What this account can do in one project. Threads may share it; make it after a fork.

    Every method takes ``seconds``, the time until it returns or raises, whatever the other
    side does: DNS, silence and dripping included. Each raises BigQueryUnavailable or
    BigQueryRefused with a reason of the catalogue, and nothing else.
    """
