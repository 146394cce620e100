FROM python:3.13-slim

# Chinese letters for drawn avatars, words of scans, repositories to publish to. bubblewrap is for code of agents:
# docs/sandbox.md says what a container needs for it. What is left of their processes goes to the first one, tini.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        fonts-noto-cjk tesseract-ocr tesseract-ocr-chi-sim git bubblewrap libseccomp2 tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 fabric \
    && install -d -o fabric -g fabric -m 0700 /data

WORKDIR /srv/agentfabric
COPY requirements.txt requirements-postgres.txt requirements-a2a.txt requirements-publish.txt requirements-sandbox.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore \
    -r requirements.txt -r requirements-postgres.txt -r requirements-a2a.txt -r requirements-publish.txt
COPY app.py LICENSE ./
COPY agentfabric agentfabric
COPY builder_core builder_core
COPY user_agent user_agent
COPY config config
COPY static static
COPY i18n i18n
# The server's user may not write here: compiled now, or each new container would begin by that.
RUN python -m compileall -q app.py agentfabric builder_core user_agent

USER fabric
ENV AGENTFABRIC_HOME=/data \
    GRADIO_SERVER_NAME=0.0.0.0 \
    GRADIO_SERVER_PORT=7860 \
    PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + (os.environ['GRADIO_SERVER_PORT'] or '7860') + '/healthz', timeout=4)"]
ENTRYPOINT ["tini", "--"]
CMD ["python", "app.py"]
