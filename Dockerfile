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
RUN /opt/venv/bin/python -m data build \
 && /opt/venv/bin/python -m tools.catalogues compile
COPY LICENSE PRIVACY.md ./
# What only builds goes: pip, the sources of the catalogues, and Babel's data for languages that are not shown. The rest
# is made readable whatever the checkout was; its bytecode is never checked against its source: neither changes.
RUN rm -r requirements.txt tools /opt/venv/lib/python3*/site-packages/pip /opt/venv/lib/python3*/site-packages/pip-* \
 && find bot/languages -name '*.po*' -delete \
 && shown=$(ls bot/languages | paste -sd '|') \
 && find /opt/venv -path '*/babel/locale-data/*.dat' | grep -vE "/(root|en|$shown)(_[^/]+)?[.]dat$" | xargs rm \
 && /opt/venv/bin/python -m compileall -q -f -j 0 --invalidation-mode unchecked-hash /opt/venv /app \
 && chmod -R a+rX /opt/venv /app

# Stage 2 holds what runs, and nothing that builds. The official image comes without the bytecode of Python's own
# library, and nothing could be written later: every start and every look at the health would compile it anew.
FROM python:3.13-slim
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin ledger \
 && install -d -o 10001 -g 10001 -m 0750 /var/lib/ledger \
 && python -m compileall -q -j 0 --invalidation-mode unchecked-hash -x /site-packages/ /usr/local/lib/python3*
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    LEDGER_FOLDER=/var/lib/ledger
VOLUME /var/lib/ledger
USER 10001
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-m", "bot", "health"]
CMD ["python", "-m", "bot"]
