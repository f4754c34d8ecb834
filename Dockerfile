# docker build --build-arg VERSION="$(git describe --tags --always)" -t blindcopy .
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
# The tags netgo and osusergo keep the C library's resolver out, so that a static
# binary loses nothing by being static.
RUN CGO_ENABLED=1 go build -trimpath \
      -tags sqlite_fts5,sqlite_omit_load_extension,netgo,osusergo \
      -ldflags "-s -w -X main.version=${VERSION} -linkmode external -extldflags -static" \
      -o /root-fs/usr/bin/blindcopy ./cmd/blindcopy
# What a program expects of a system: a user, certificate authorities, time zones,
# a folder for temporary files (SQLite's, while it copies a database).
RUN mkdir -p /root-fs/etc/ssl/certs /root-fs/etc/blindcopy /root-fs/usr/share /root-fs/tmp /root-fs/var/lib/blindcopy \
 && chmod 1777 /root-fs/tmp \
 && chmod 0700 /root-fs/var/lib/blindcopy \
 && chown 10001:10001 /root-fs/var/lib/blindcopy \
 && cp /etc/ssl/certs/ca-certificates.crt /root-fs/etc/ssl/certs/ \
 && cp /usr/local/go/lib/time/zoneinfo.zip /root-fs/usr/share/zoneinfo.zip \
 && echo 'blindcopy:x:10001:10001::/var/lib/blindcopy:/sbin/nologin' > /root-fs/etc/passwd \
 && echo 'blindcopy:x:10001:' > /root-fs/etc/group

FROM scratch
COPY --from=build /root-fs/ /
# Names the account by number, so that an orchestrator can see it is not root.
USER 10001:10001
WORKDIR /var/lib/blindcopy
VOLUME /var/lib/blindcopy
# Inside a container, loopback would be out of anybody's reach. Everything else
# comes from the environment (BLINDCOPY_DOMAIN=...) or /etc/blindcopy/blindcopy.yaml.
ENV PATH=/usr/bin \
    ZONEINFO=/usr/share/zoneinfo.zip \
    BLINDCOPY_DATABASE=/var/lib/blindcopy/blindcopy.db \
    BLINDCOPY_WEB_LISTEN=:8025
EXPOSE 2525 8025
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["blindcopy", "healthcheck"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["blindcopy"]
CMD ["serve"]
