# The operator's image: one bundled file on Node, without shell or package manager. The bundle is plain JavaScript, so it is
# built once, on the builder's own architecture, and the last stage only copies: no platform is emulated.
#
#   docker buildx build --platform linux/amd64,linux/arm64 --build-arg VERSION=… --build-arg REVISION=… .

# By digest; the tag says what to look for when they are renewed. Another address, such as a mirror's, is given with
# --build-arg.
ARG BUILD_IMAGE=docker.io/library/node:24-trixie-slim@sha256:173f125896c3b47ddf056734c7ea789d04595a6a08769a8f78e0df642781fb66
ARG BASE_IMAGE=gcr.io/distroless/nodejs24-debian13:nonroot@sha256:9eeb7f5887d0e239e78264b06f7f11d2e14be534050481803a9e4728fcdd278e

FROM --platform=$BUILDPLATFORM ${BUILD_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY deploy/image ./deploy/image
COPY src ./src
RUN npm run build --ignore-scripts

FROM ${BASE_IMAGE}
ARG BASE_IMAGE
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="alm-operator" \
      org.opencontainers.image.description="Keeps ALM's OAuth clients equal to ClientCredential objects" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://github.com/alm-credential-operator/alm-credential-operator" \
      org.opencontainers.image.documentation="https://github.com/alm-credential-operator/alm-credential-operator/blob/main/docs/guides/install.md" \
      org.opencontainers.image.base.name="${BASE_IMAGE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
WORKDIR /app
COPY LICENSE ./
COPY --from=build /build/dist/THIRD-PARTY-LICENSES /build/dist/alm-operator.js.LEGAL.txt /build/dist/alm-operator.js ./
ENV NODE_ENV=production
# In figures, so that runAsNonRoot can be verified. Any other does as well: nothing is written, and no home is needed.
USER 65532:65532
EXPOSE 8080 8081
STOPSIGNAL SIGTERM
ENTRYPOINT ["/nodejs/bin/node", "/app/alm-operator.js"]
CMD ["run"]
