# One image for every process; docker-compose.yml says which command each one runs.
FROM python:3.11-slim AS packages
WORKDIR /build
COPY requirements/production.txt .
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check \
      --require-hashes --no-deps --only-binary :all: -r production.txt

FROM python:3.11-slim
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MALLOC_ARENA_MAX=2 \
    DJANGO_SETTINGS_MODULE=clevertap_bq.settings \
    STATIC_ROOT=/app/staticfiles
RUN groupadd --gid 10001 app && useradd --uid 10001 --gid app --no-create-home --shell /usr/sbin/nologin app
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY manage.py ./
COPY clevertap_bq clevertap_bq
COPY accounts accounts
COPY connections connections
COPY imports imports
COPY static static
COPY templates templates
# The values live for this one command only: collecting files needs no secret of yours.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
    CREDENTIAL_RING="build:$(python -c 'import base64, secrets; print(base64.b64encode(secrets.token_bytes(32)).decode())')" \
    DATABASE_URL=sqlite://:memory: REDIS_URL=redis://127.0.0.1:6379/0 \
    python manage.py collectstatic --no-input --verbosity 0
USER 10001:10001
EXPOSE 8000
CMD ["gunicorn", "clevertap_bq.wsgi", "--preload", "--bind", "0.0.0.0:8000", "--worker-class", "clevertap_bq.web_worker.ReadInTime", "--workers", "2", "--threads", "8", "--timeout", "60", "--graceful-timeout", "20", "--keep-alive", "5", "--forwarder-headers", "", "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
