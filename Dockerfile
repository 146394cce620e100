FROM python:3.13-slim

# Chinese letters for drawn avatars. bubblewrap is for code of agents: docs/sandbox.md says what a container needs for it.
RUN apt-get update \
    && apt-get install -y --no-install-recommends fonts-noto-cjk bubblewrap libseccomp2 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 fabric \
    && install -d -o fabric -g fabric -m 0700 /data

WORKDIR /srv/agentfabric
COPY requirements.txt requirements-postgres.txt requirements-sandbox.txt ./
RUN pip install --no-cache-dir -r requirements.txt -r requirements-postgres.txt
COPY --chown=fabric:fabric app.py LICENSE ./
COPY --chown=fabric:fabric agentfabric agentfabric
COPY --chown=fabric:fabric builder_core builder_core
COPY --chown=fabric:fabric user_agent user_agent
COPY --chown=fabric:fabric config config
COPY --chown=fabric:fabric static static
COPY --chown=fabric:fabric i18n i18n

USER fabric
ENV AGENTFABRIC_HOME=/data \
    GRADIO_SERVER_NAME=0.0.0.0 \
    GRADIO_SERVER_PORT=7860 \
    PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:7860/healthz', timeout=4)"]
CMD ["python", "app.py"]
