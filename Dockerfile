ARG PYTHON_IMAGE=python:3.13-slim-trixie@sha256:9d2e5553305c7c7b0097999bb17187c69b921ccd6bc9d40e4bb5ebe652c00285

FROM ${PYTHON_IMAGE} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_NO_COMPILE=1 PIP_NO_DEPS=1 PIP_ONLY_BINARY=:all: PIP_DISABLE_PIP_VERSION_CHECK=1
# Two environments: pip and the build backend stay behind in the first, the second is the product.
RUN python -m venv /build \
 && python -m venv --without-pip /opt/qatech-ci
COPY requirements/build.txt requirements/runtime.txt /src/requirements/
RUN /build/bin/pip install --require-hashes -r /src/requirements/build.txt \
 && /build/bin/pip --python /opt/qatech-ci/bin/python install --require-hashes -r /src/requirements/runtime.txt
COPY pyproject.toml README.md LICENSE entrypoint.py /src/
COPY qatech_ci/ /src/qatech_ci/
# Without .pyc files the start takes more than twice as long. Nobody changes a file in an image, so
# Python need not look whether they are still current.
RUN /build/bin/pip wheel --no-build-isolation --wheel-dir /wheels /src \
 && /build/bin/pip --python /opt/qatech-ci/bin/python install --no-index /wheels/*.whl \
 && find /opt/qatech-ci/lib -type d -name tests -prune -exec rm -rf {} + \
 && python -m compileall -q --invalidation-mode unchecked-hash /opt/qatech-ci/lib

FROM ${PYTHON_IMAGE}
# Nothing is installed here any more. The base keeps its own pip in its own layers.
RUN rm -rf /usr/local/bin/pip* /usr/local/lib/python3*/site-packages/pip* /usr/local/lib/python3*/ensurepip
COPY --from=build /opt/qatech-ci/ /opt/qatech-ci/
COPY entrypoint.py /opt/qatech-ci/entrypoint.py
# -I: neither the workspace, nor PYTHONPATH, nor a user's site-packages has a say in what is run.
ENTRYPOINT ["/opt/qatech-ci/bin/python", "-I", "/opt/qatech-ci/entrypoint.py"]
