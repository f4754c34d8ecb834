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

-- The words of names and titles, by which people search: the row is the record's. SQLite keeps them itself, for
-- records are written in many places.
CREATE VIRTUAL TABLE contact_words USING fts5 (name, content='', contentless_delete=1, detail=none, tokenize='unicode61 remove_diacritics 2', prefix='1 2 3');
INSERT INTO contact_words (rowid, name) SELECT id, name FROM contact;
-- +goose StatementBegin
CREATE TRIGGER contact_words_insert AFTER INSERT ON contact BEGIN
    INSERT INTO contact_words (rowid, name) VALUES (new.id, new.name);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER contact_words_update AFTER UPDATE OF name ON contact BEGIN
    DELETE FROM contact_words WHERE rowid = old.id;
    INSERT INTO contact_words (rowid, name) VALUES (new.id, new.name);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER contact_words_delete AFTER DELETE ON contact BEGIN
    DELETE FROM contact_words WHERE rowid = old.id;
END;
-- +goose StatementEnd
CREATE VIRTUAL TABLE company_words USING fts5 (name, content='', contentless_delete=1, detail=none, tokenize='unicode61 remove_diacritics 2', prefix='1 2 3');
INSERT INTO company_words (rowid, name) SELECT id, name FROM company;
-- +goose StatementBegin
CREATE TRIGGER company_words_insert AFTER INSERT ON company BEGIN
    INSERT INTO company_words (rowid, name) VALUES (new.id, new.name);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER company_words_update AFTER UPDATE OF name ON company BEGIN
    DELETE FROM company_words WHERE rowid = old.id;
    INSERT INTO company_words (rowid, name) VALUES (new.id, new.name);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER company_words_delete AFTER DELETE ON company BEGIN
    DELETE FROM company_words WHERE rowid = old.id;
END;
-- +goose StatementEnd
CREATE VIRTUAL TABLE lead_words USING fts5 (title, name, content='', contentless_delete=1, detail=none, tokenize='unicode61 remove_diacritics 2', prefix='1 2 3');
INSERT INTO lead_words (rowid, title, name) SELECT id, title, name FROM lead;
-- +goose StatementBegin
CREATE TRIGGER lead_words_insert AFTER INSERT ON lead BEGIN
    INSERT INTO lead_words (rowid, title, name) VALUES (new.id, new.title, new.name);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER lead_words_update AFTER UPDATE OF title, name ON lead BEGIN
    DELETE FROM lead_words WHERE rowid = old.id;
    INSERT INTO lead_words (rowid, title, name) VALUES (new.id, new.title, new.name);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER lead_words_delete AFTER DELETE ON lead BEGIN
    DELETE FROM lead_words WHERE rowid = old.id;
END;
-- +goose StatementEnd
CREATE VIRTUAL TABLE deal_words USING fts5 (title, content='', contentless_delete=1, detail=none, tokenize='unicode61 remove_diacritics 2', prefix='1 2 3');
INSERT INTO deal_words (rowid, title) SELECT id, title FROM deal;
-- +goose StatementBegin
CREATE TRIGGER deal_words_insert AFTER INSERT ON deal BEGIN
    INSERT INTO deal_words (rowid, title) VALUES (new.id, new.title);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER deal_words_update AFTER UPDATE OF title ON deal BEGIN
    DELETE FROM deal_words WHERE rowid = old.id;
    INSERT INTO deal_words (rowid, title) VALUES (new.id, new.title);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER deal_words_delete AFTER DELETE ON deal BEGIN
    DELETE FROM deal_words WHERE rowid = old.id;
END;
-- +goose StatementEnd

-- Lists in the order of names, and of one owner.
CREATE INDEX contact_owner ON contact (owner);
CREATE INDEX lead_title ON lead (lower(title));
CREATE INDEX deal_title ON deal (lower(title));
CREATE INDEX deal_stage ON deal (status, stage);

-- +goose Down
DROP INDEX deal_stage;
DROP INDEX deal_title;
DROP INDEX lead_title;
DROP INDEX contact_owner;
DROP TRIGGER contact_words_delete;
DROP TRIGGER contact_words_update;
DROP TRIGGER contact_words_insert;
DROP TABLE contact_words;
DROP TRIGGER company_words_delete;
DROP TRIGGER company_words_update;
DROP TRIGGER company_words_insert;
DROP TABLE company_words;
DROP TRIGGER lead_words_delete;
DROP TRIGGER lead_words_update;
DROP TRIGGER lead_words_insert;
DROP TABLE lead_words;
DROP TRIGGER deal_words_delete;
DROP TRIGGER deal_words_update;
DROP TRIGGER deal_words_insert;
DROP TABLE deal_words;
DROP TABLE secret;
DROP TABLE audit;
DROP TABLE api_token;
DROP TABLE ticket;
DROP TABLE web_session;
DROP TABLE password;
