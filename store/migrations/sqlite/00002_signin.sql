-- Who may sign in to the pages and the API, who did what, and what the program keeps to itself.

-- +goose Up
CREATE TABLE password (
    user       INTEGER PRIMARY KEY REFERENCES crm_user (id),
    hash       TEXT    NOT NULL,              -- argon2id, in its own text form
    changed_at INTEGER NOT NULL
) STRICT;

-- Sessions of the pages. The token is kept as its SHA-256: whoever reads a backup cannot use it.
CREATE TABLE web_session (
    token   BLOB    NOT NULL PRIMARY KEY,
    data    BLOB    NOT NULL,
    user    INTEGER NOT NULL,                 -- 0 before sign-in
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX web_session_user ON web_session (user);
CREATE INDEX web_session_expires ON web_session (expires);

-- Links that work once: to set the program up, to accept an invitation, to choose a new password.
CREATE TABLE ticket (
    token      BLOB    NOT NULL PRIMARY KEY,  -- SHA-256
    purpose    TEXT    NOT NULL,              -- setup, invitation, reset, signin, address
    user       INTEGER NOT NULL,              -- 0 for setup
    address    TEXT    NOT NULL DEFAULT '',   -- that is confirmed
    created_at INTEGER NOT NULL,
    expires    INTEGER NOT NULL,
    used_at    INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX ticket_user ON ticket (user);

CREATE TABLE api_token (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    token        BLOB    NOT NULL UNIQUE,     -- SHA-256
    user         INTEGER NOT NULL REFERENCES crm_user (id),
    name         TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    expires      INTEGER,
    last_used_at INTEGER
) STRICT;
CREATE INDEX api_token_user ON api_token (user);

-- Who changed what, apart from mail: that explains itself in its trace.
CREATE TABLE audit (
    id     INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    actor  TEXT    NOT NULL,                  -- e-mail address of a user, or operator
    via    TEXT    NOT NULL,                  -- command, web, api, serve
    act    TEXT    NOT NULL,                  -- such as user.add
    object TEXT    NOT NULL,                  -- what it was done to: kind:id, an address, a pattern
    detail TEXT    NOT NULL                   -- JSON; never a secret
) STRICT;
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_object ON audit (object);

-- Keys that the program makes for itself, such as the one that signs our mark on mail.
CREATE TABLE secret (
    name       TEXT    NOT NULL PRIMARY KEY,
    value      BLOB    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE secret;
DROP TABLE audit;
DROP TABLE api_token;
DROP TABLE ticket;
DROP TABLE web_session;
DROP TABLE password;
