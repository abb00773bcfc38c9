# The bridge, the simulator and all other tws-bridge commands in one image.

FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /source
COPY requirements/build.txt requirements/runtime.txt requirements/
RUN python -m venv /build \
    && /build/bin/pip install --require-hashes -r requirements/build.txt \
    && python -m venv /opt/tws-bridge \
    && /opt/tws-bridge/bin/pip install --require-hashes -r requirements/runtime.txt
COPY pyproject.toml README.md LICENSE ./
COPY bridge bridge
COPY schemas schemas
COPY clients/python/tws_bridge_client clients/python/tws_bridge_client
# --no-index: all that the project needs is there by now, by version and hash.
RUN /build/bin/pip wheel --no-index --no-deps --no-build-isolation --wheel-dir /wheels . \
    && /opt/tws-bridge/bin/pip install --no-index --no-deps /wheels/*.whl

FROM python:3.11-slim
# A volume that is mounted on one of the two folders for the first time takes over its owner.
RUN useradd --system --uid 10001 --user-group --home-dir /nonexistent --shell /usr/sbin/nologin tws-bridge \
    && install -d -o tws-bridge -g tws-bridge -m 0750 /run/tws-bridge \
    && install -d -o tws-bridge -g tws-bridge -m 0700 /var/lib/tws-bridge
COPY --from=build /opt/tws-bridge /opt/tws-bridge
# Without CURVE the bridge binds loopback and ipc endpoints only; ipc reaches other containers through a shared volume.
ENV PATH=/opt/tws-bridge/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    TWS_BRIDGE_EVENTS=ipc:///run/tws-bridge/events \
    TWS_BRIDGE_REQUESTS=ipc:///run/tws-bridge/requests \
    TWS_BRIDGE_STATE=/var/lib/tws-bridge
USER tws-bridge
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["tws-bridge", "status"]
ENTRYPOINT ["tws-bridge"]
CMD ["--help"]
