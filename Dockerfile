# The command and the API, as a user without rights. NOT BUILT by those who wrote it: there was no
# Docker engine at hand; its steps were run in a clean folder (docs/opensearch.md).
#
#   docker build --tag imr-precedents:local .
#   docker build --target service-without-model …   and mount a folder with model.onnx and
#                                                   tokenizer.json at /opt/model
FROM python:3.12-slim AS build
WORKDIR /src
RUN python -m venv /opt/imr
COPY requirements-service.lock ./
RUN /opt/imr/bin/pip install --no-cache-dir --require-hashes -r requirements-service.lock
# what builds the package is not part of what runs
RUN python -m venv /opt/build && /opt/build/bin/pip install --no-cache-dir hatchling==1.27.0
COPY . .
RUN /opt/build/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheel . \
 && /opt/imr/bin/pip install --no-cache-dir --no-deps /wheel/*.whl

# the model, fetched by name and checked against its sha256
FROM build AS model
RUN IMR_CACHE=/cache /opt/imr/bin/imr model fetch \
 && mkdir /opt/model && cp /cache/models/*/model.onnx /cache/models/*/tokenizer.json /opt/model/

FROM python:3.12-slim AS service-without-model
# the user of OpenSearch's image, who owns the certificates in the volume they share
RUN useradd --uid 1000 --create-home imr && install -d -o imr -g imr /cache
COPY --from=build /opt/imr /opt/imr
ENV PATH=/opt/imr/bin:$PATH IMR_MODEL=/opt/model IMR_CACHE=/cache PYTHONUNBUFFERED=1
USER imr
WORKDIR /home/imr
EXPOSE 8000
ENTRYPOINT ["imr"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]

FROM service-without-model AS service
COPY --from=model /opt/model /opt/model
