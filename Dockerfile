# One image, one process, one data directory at /data. Not built by the tests: try it after changing it.
#   docker build -t coterie .
#   docker run -p 8080:8080 -v coterie-data:/data -e COTERIE_BOOTSTRAP_KEY=<a long secret> coterie
FROM python:3.13-slim AS build
WORKDIR /source
RUN python -m venv /opt/coterie
COPY requirements/build.lock requirements/runtime.lock requirements/
RUN /opt/coterie/bin/pip install --no-cache-dir --require-hashes --no-deps -r requirements/runtime.lock \
 && python -m venv /opt/build \
 && /opt/build/bin/pip install --no-cache-dir --require-hashes --no-deps -r requirements/build.lock
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN /opt/build/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --no-index --wheel-dir /wheels . \
 && /opt/coterie/bin/pip install --no-cache-dir --no-deps --no-index /wheels/*.whl

FROM python:3.13-slim
RUN useradd --system --uid 10001 coterie && install -d -o coterie /data
COPY --from=build /opt/coterie /opt/coterie
ENV PATH=/opt/coterie/bin:$PATH COTERIE_DATA=/data COTERIE_HOST=0.0.0.0 COTERIE_PORT=8080
USER coterie
VOLUME /data
EXPOSE 8080
HEALTHCHECK --start-period=60s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/readyz', timeout=3)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["coterie"]
CMD ["serve"]
