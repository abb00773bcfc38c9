# The bridge, the simulator and all other tws-bridge commands in one image.
#
# The base is named by its digest: the tag alone could mean other bytes tomorrow. The digest is the one that
# Docker's list of official images (docker-library/repo-info) had for this tag on 2026-08-25. To take a newer one:
#   docker buildx imagetools inspect python:3.11-slim-bookworm
# and put its tag and "Digest" here, or give them with --build-arg PYTHON_IMAGE=...
ARG PYTHON_IMAGE=python:3.11.16-slim-bookworm@sha256:0bee7276f83efd4a1ee05bbbf4281d95ed28e079220a9457f25a93e3f1e3c31b

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /source
COPY requirements/build.txt requirements/runtime.txt requirements/
# Wheels only, each by version and hash: no code of a package runs here. The second folder gets no pip of its own.
RUN python -m venv /build \
    && /build/bin/pip install --require-hashes --only-binary :all: -r requirements/build.txt \
    && python -m venv --without-pip /opt/tws-bridge \
    && /build/bin/pip --python /opt/tws-bridge/bin/python install \
        --require-hashes --only-binary :all: --no-compile -r requirements/runtime.txt
COPY pyproject.toml README.md LICENSE ./
COPY bridge bridge
COPY schemas schemas
COPY clients/python/tws_bridge_client clients/python/tws_bridge_client
# --no-index: all that the project needs is there by now, by version and hash.
RUN /build/bin/pip wheel --no-index --no-deps --no-build-isolation --wheel-dir /wheels . \
    && /build/bin/pip --python /opt/tws-bridge/bin/python install --no-index --no-deps --no-compile /wheels/*.whl \
    && python -m compileall -q --invalidation-mode unchecked-hash /opt/tws-bridge/lib
# The script that pip writes imports `re`, a fifth of the CPU time of each health check.
RUN printf '%s\n' '#!/opt/tws-bridge/bin/python' 'import sys' 'from bridge.entry import main' 'sys.exit(main())' \
    > /opt/tws-bridge/bin/tws-bridge

FROM ${PYTHON_IMAGE}
# The bytecode of the standard library, which the base lacks and nobody may write later, nothing to install with, and no
# file that gives its caller more rights.
# A volume that is mounted on one of the two folders for the first time takes over its owner and mode.
RUN library=$(python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))') \
    && python -m compileall -q --invalidation-mode unchecked-hash -x '/(site-packages|dist-packages|idlelib|lib2to3)/' "$library" \
    && for name in pip setuptools pkg_resources wheel _distutils_hack distutils-precedence.pth; do \
        rm -rf "$library/site-packages/$name" "$library/site-packages/$name"-*; done \
    && rm -rf "$library/ensurepip" "$library/lib2to3" "$library/idlelib" "$library/turtledemo" /usr/share/python-wheels \
    && rm -f /usr/local/bin/pip* /usr/local/bin/wheel /usr/local/bin/idle* /usr/local/bin/2to3* \
    && find / -xdev -type f -perm /6000 -exec chmod a-s {} + \
    && groupadd --gid 10001 tws-bridge \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin tws-bridge \
    && install -d -o tws-bridge -g tws-bridge -m 0750 /run/tws-bridge \
    && install -d -o tws-bridge -g tws-bridge -m 0700 /var/lib/tws-bridge
COPY --from=build /opt/tws-bridge /opt/tws-bridge

ARG VERSION=0.1.0
ARG REVISION=unknown
ARG PYTHON_IMAGE
LABEL org.opencontainers.image.title="tws-bridge" \
      org.opencontainers.image.description="Share one TWS / IB Gateway API connection between many processes, over ZeroMQ and msgpack" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="${PYTHON_IMAGE}"

# Without CURVE the bridge binds loopback and ipc endpoints only; ipc reaches other containers through a shared volume.
ENV PATH=/opt/tws-bridge/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    TWS_BRIDGE_EVENTS=ipc:///run/tws-bridge/events \
    TWS_BRIDGE_REQUESTS=ipc:///run/tws-bridge/requests \
    TWS_BRIDGE_STATE=/var/lib/tws-bridge
# By number, so that Kubernetes' runAsNonRoot can see that it is not root.
USER 10001:10001
# No VOLUME: state that nobody has given a place would be lost with the container.
# Whether the bridge lives, not whether TWS is ready: a restart of the bridge does not help against a restart of TWS.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["tws-bridge", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["tws-bridge"]
CMD ["--help"]
