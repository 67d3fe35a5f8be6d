# Pressroom in one image: portal, engine and worker are commands of it (see docker-compose.yml).
# By itself it runs everything on embedded defaults:
#   docker build -t pressroom . && docker run -p 8080:8080 -v pressroom:/var/lib/pressroom pressroom
ARG BASE_IMAGE=python:3.11-slim-bookworm
FROM ${BASE_IMAGE}

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    OMP_THREAD_LIMIT=1
WORKDIR /app

# The Debian packages are listed in scripts/setup and nowhere else.
COPY scripts/setup scripts/setup
RUN scripts/setup --packages && rm -rf /var/lib/apt/lists/*

COPY . .
RUN scripts/setup --scale \
    && .venv/bin/python -m compileall -q connectors steps domain fleet flows portal_api printers_sim pressroom \
    && groupadd --system --gid 10001 pressroom \
    && useradd --system --uid 10001 --gid pressroom --home-dir /var/lib/pressroom --create-home pressroom

ENV PATH=/app/.venv/bin:$PATH \
    HOME=/var/lib/pressroom \
    PRESSROOM_HOME=/var/lib/pressroom \
    PRESSROOM_PORTAL_HOST=0.0.0.0 \
    PREFECT_UI_STATIC_DIRECTORY=/tmp/prefect-ui
USER pressroom
VOLUME /var/lib/pressroom
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=15s --start-period=120s --retries=3 CMD ["pressroom", "healthy", "portal"]
CMD ["pressroom", "up"]
