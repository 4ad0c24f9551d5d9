# Stage 1 installs the locked packages, builds the store of figures and compiles everything.
FROM python:3.13-slim AS build
WORKDIR /app
COPY requirements.txt ./
RUN python -m venv --without-pip /opt/venv \
 && pip --python /opt/venv/bin/python install --quiet --no-cache-dir --disable-pip-version-check \
    --require-hashes --no-deps -r requirements.txt
COPY knowledge ./knowledge
COPY data ./data
COPY commands ./commands
COPY bot ./bot
COPY tools ./tools
# The bytecode is never checked against its source again: neither changes in an image.
RUN /opt/venv/bin/python -m data build \
 && /opt/venv/bin/python -m tools.catalogues compile \
 && /opt/venv/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/venv /app

# Stage 2 holds what runs, and nothing that builds.
FROM python:3.13-slim
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin ledger \
 && install -d -o 10001 -g 10001 -m 0750 /var/lib/ledger
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    LEDGER_FOLDER=/var/lib/ledger
VOLUME /var/lib/ledger
USER 10001
# Python ends in good order on SIGINT; as the first process of a container it would not hear SIGTERM.
STOPSIGNAL SIGINT
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-m", "bot", "health"]
CMD ["python", "-m", "bot"]
