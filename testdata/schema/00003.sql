CREATE TRIGGER company_words_delete AFTER DELETE ON company BEGIN
    DELETE FROM company_words WHERE rowid = old.id;
END;
CREATE TRIGGER company_words_insert AFTER INSERT ON company
WHEN NOT EXISTS (SELECT 1 FROM words_later WHERE kind = 2 AND above < new.id) BEGIN
    INSERT INTO company_words (rowid, name) VALUES (new.id, new.name);
END;
CREATE TRIGGER company_words_update AFTER UPDATE OF name ON company
WHEN old.name <> new.name AND NOT EXISTS (SELECT 1 FROM words_later WHERE kind = 2 AND above < new.id) BEGIN
    DELETE FROM company_words WHERE rowid = old.id;
    INSERT INTO company_words (rowid, name) VALUES (new.id, new.name);
END;
CREATE TRIGGER contact_words_delete AFTER DELETE ON contact BEGIN
    DELETE FROM contact_words WHERE rowid = old.id;
END;
CREATE TRIGGER contact_words_insert AFTER INSERT ON contact
WHEN NOT EXISTS (SELECT 1 FROM words_later WHERE kind = 1 AND above < new.id) BEGIN
    INSERT INTO contact_words (rowid, name) VALUES (new.id, new.name);
END;
CREATE TRIGGER contact_words_update AFTER UPDATE OF name ON contact
WHEN old.name <> new.name AND NOT EXISTS (SELECT 1 FROM words_later WHERE kind = 1 AND above < new.id) BEGIN
    DELETE FROM contact_words WHERE rowid = old.id;
    INSERT INTO contact_words (rowid, name) VALUES (new.id, new.name);
END;
CREATE TRIGGER deal_words_delete AFTER DELETE ON deal BEGIN
    DELETE FROM deal_words WHERE rowid = old.id;
END;
CREATE TRIGGER deal_words_insert AFTER INSERT ON deal BEGIN
    INSERT INTO deal_words (rowid, title) VALUES (new.id, new.title);
END;
CREATE TRIGGER deal_words_update AFTER UPDATE OF title ON deal BEGIN
    DELETE FROM deal_words WHERE rowid = old.id;
    INSERT INTO deal_words (rowid, title) VALUES (new.id, new.title);
END;
CREATE TRIGGER lead_words_delete AFTER DELETE ON lead BEGIN
    DELETE FROM lead_words WHERE rowid = old.id;
END;
CREATE TRIGGER lead_words_insert AFTER INSERT ON lead BEGIN
    INSERT INTO lead_words (rowid, title, name) VALUES (new.id, new.title, new.name);
END;
CREATE TRIGGER lead_words_update AFTER UPDATE OF title, name ON lead BEGIN
    DELETE FROM lead_words WHERE rowid = old.id;
    INSERT INTO lead_words (rowid, title, name) VALUES (new.id, new.title, new.name);
END;
CREATE TABLE activity (
    id           INTEGER PRIMARY KEY,
    intake       INTEGER NOT NULL,
    original     INTEGER NOT NULL,
    thread       INTEGER NOT NULL,
    message_id   TEXT    NOT NULL,
    direction    TEXT    NOT NULL,
    subject      TEXT    NOT NULL,
    subject_hash INTEGER NOT NULL,            -- of the base subject; 0 where it is empty
    occurred_at  INTEGER NOT NULL,
    captured_at  INTEGER NOT NULL,
    date_written TEXT    NOT NULL,
    author       TEXT    NOT NULL,
    author_name  TEXT    NOT NULL,
    author_user  INTEGER NOT NULL,            -- 0 for a client
    people       TEXT    NOT NULL,            -- JSON
    attachments  TEXT    NOT NULL,            -- JSON
    badges       TEXT    NOT NULL,            -- JSON
    bounces      TEXT    NOT NULL,            -- JSON
    automatic    INTEGER NOT NULL,
    visibility   TEXT    NOT NULL,
    preview      TEXT    NOT NULL,
    note         TEXT    NOT NULL,
    body_start   TEXT    NOT NULL
) STRICT;
CREATE TABLE address (
    id     INTEGER PRIMARY KEY,
    domain TEXT NOT NULL,
    local  TEXT NOT NULL,
    UNIQUE (domain, local)
) STRICT;
CREATE TABLE address_change (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL
) STRICT;
CREATE TABLE api_token (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    token        BLOB    NOT NULL UNIQUE,     -- SHA-256
    user         INTEGER NOT NULL REFERENCES crm_user (id),
    name         TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    expires      INTEGER,
    last_used_at INTEGER
) STRICT;
CREATE TABLE audit (
    id     INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    actor  TEXT    NOT NULL,                  -- e-mail address of a user, or operator
    via    TEXT    NOT NULL,                  -- command, web, api, serve
    act    TEXT    NOT NULL,                  -- such as user.add
    object TEXT    NOT NULL,                  -- what it was done to: kind:id, an address, a pattern
    detail TEXT    NOT NULL                   -- JSON; never a secret
) STRICT;
CREATE TABLE bcc_address (
    token        TEXT    NOT NULL PRIMARY KEY,
    slug         TEXT    NOT NULL,
    mailbox      INTEGER NOT NULL REFERENCES mailbox (id),
    state        TEXT    NOT NULL,
    until        INTEGER,                     -- end of the grace of a rotating one
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE capture (
    target  INTEGER NOT NULL,
    intake  TEXT    NOT NULL,
    mailbox INTEGER NOT NULL,
    owner   INTEGER NOT NULL,
    via     TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (target, intake, mailbox)
) STRICT, WITHOUT ROWID;
CREATE TABLE company (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    name              TEXT    NOT NULL,
    name_key          TEXT    NOT NULL,       -- lower-case, to find it by name
    owner             INTEGER REFERENCES crm_user (id),
    needs_check       INTEGER NOT NULL DEFAULT 0,
    created_by_intake TEXT    NOT NULL DEFAULT '',
    created_at        INTEGER NOT NULL
) STRICT;
CREATE TABLE company_domain (
    domain  TEXT    NOT NULL,
    company INTEGER NOT NULL REFERENCES company (id),
    PRIMARY KEY (domain, company)
) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE company_words USING fts5 (name, content='', contentless_delete=1, detail=none, tokenize='unicode61 remove_diacritics 2', prefix='1 2 3');
CREATE TABLE 'company_words_config'(k PRIMARY KEY, v) WITHOUT ROWID;
CREATE TABLE 'company_words_data'(id INTEGER PRIMARY KEY, block BLOB);
CREATE TABLE 'company_words_docsize'(id INTEGER PRIMARY KEY, sz BLOB, origin INTEGER);
CREATE TABLE 'company_words_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
CREATE TABLE contact (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    name              TEXT    NOT NULL,
    name_guessed      INTEGER NOT NULL DEFAULT 0, -- made from the address: a later mail's name replaces it
    company           INTEGER REFERENCES company (id),
    owner             INTEGER REFERENCES crm_user (id),
    needs_check       INTEGER NOT NULL DEFAULT 0,
    created_by_intake TEXT    NOT NULL DEFAULT '',
    created_at        INTEGER NOT NULL
) STRICT;
CREATE VIRTUAL TABLE contact_words USING fts5 (name, content='', contentless_delete=1, detail=none, tokenize='unicode61 remove_diacritics 2', prefix='1 2 3');
CREATE TABLE 'contact_words_config'(k PRIMARY KEY, v) WITHOUT ROWID;
CREATE TABLE 'contact_words_data'(id INTEGER PRIMARY KEY, block BLOB);
CREATE TABLE 'contact_words_docsize'(id INTEGER PRIMARY KEY, sz BLOB, origin INTEGER);
CREATE TABLE 'contact_words_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
CREATE TABLE creation (
    intake   TEXT    NOT NULL,
    original INTEGER NOT NULL,
    kind     INTEGER NOT NULL,
    record   INTEGER NOT NULL,
    author   INTEGER NOT NULL,                -- address; 0 for one of ours
    at       INTEGER NOT NULL,
    PRIMARY KEY (intake, kind, record)
) STRICT, WITHOUT ROWID;
CREATE TABLE crm_user (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    email      TEXT    NOT NULL UNIQUE,
    name       TEXT    NOT NULL,
    role       TEXT    NOT NULL,
    active     INTEGER NOT NULL,
    away_from  INTEGER,                       -- given no leads from here ...
    away_until INTEGER,                       -- ... to here; NULL until further notice
    created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE deal (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    title      TEXT    NOT NULL,
    status     TEXT    NOT NULL,
    stage      TEXT    NOT NULL,
    owner      INTEGER REFERENCES crm_user (id),
    company    INTEGER REFERENCES company (id),
    closed_at  INTEGER,
    created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE deal_contact (
    deal    INTEGER NOT NULL REFERENCES deal (id),
    contact INTEGER NOT NULL REFERENCES contact (id),
    PRIMARY KEY (deal, contact)
) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE deal_words USING fts5 (title, content='', contentless_delete=1, detail=none, tokenize='unicode61 remove_diacritics 2', prefix='1 2 3');
CREATE TABLE 'deal_words_config'(k PRIMARY KEY, v) WITHOUT ROWID;
CREATE TABLE 'deal_words_data'(id INTEGER PRIMARY KEY, block BLOB);
CREATE TABLE 'deal_words_docsize'(id INTEGER PRIMARY KEY, sz BLOB, origin INTEGER);
CREATE TABLE 'deal_words_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
CREATE TABLE exclusion (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    pattern    TEXT    NOT NULL,
    owner      INTEGER REFERENCES crm_user (id),
    created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE holder (
    address    INTEGER NOT NULL,
    kind       INTEGER NOT NULL,
    record     INTEGER NOT NULL,
    position   INTEGER NOT NULL,              -- the primary is 0
    former     INTEGER NOT NULL DEFAULT 0,
    verified   INTEGER NOT NULL DEFAULT 0,    -- of users
    bounced_at INTEGER,
    PRIMARY KEY (address, kind, record)
) STRICT, WITHOUT ROWID;
CREATE TABLE intake (
    seq          INTEGER PRIMARY KEY,
    id           TEXT    NOT NULL UNIQUE,
    received_at  INTEGER NOT NULL,
    via          TEXT    NOT NULL,
    remote       TEXT    NOT NULL,
    helo         TEXT    NOT NULL,
    tls          TEXT    NOT NULL,
    trusted      INTEGER NOT NULL,
    mail_from    TEXT    NOT NULL,
    rcpts        TEXT    NOT NULL,            -- JSON: recipients as they were resolved
    size         INTEGER NOT NULL,
    message_id   TEXT    NOT NULL,
    message_hash INTEGER NOT NULL,
    sender       TEXT    NOT NULL,            -- From, as people read it
    subject      TEXT    NOT NULL,
    verdict      TEXT    NOT NULL,
    codes        TEXT    NOT NULL,            -- JSON
    trace        TEXT    NOT NULL,            -- JSON: steps, candidates, proposals, open
    results      TEXT    NOT NULL,            -- JSON: what became of each original, and its claims
    created      TEXT    NOT NULL,            -- JSON
    auth         TEXT    NOT NULL,            -- JSON
    held         TEXT    NOT NULL,            -- JSON: mail and people of what is held, or ''
    owner        INTEGER,
    mailbox      INTEGER,
    visibility   TEXT    NOT NULL,
    duplicate_of TEXT    NOT NULL,
    open         INTEGER NOT NULL,            -- it asks a person to decide
    kept         INTEGER NOT NULL,            -- the raw bytes are here
    expires_at   INTEGER                      -- when retention must look at it; NULL as long as its activity lives
) STRICT;
CREATE TABLE lead (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    title             TEXT    NOT NULL,
    name              TEXT    NOT NULL,
    name_guessed      INTEGER NOT NULL DEFAULT 0,
    status            TEXT    NOT NULL,
    domain            TEXT    NOT NULL,       -- corporate domain it stands for, or ''
    responsible       INTEGER REFERENCES crm_user (id),
    contact           INTEGER,                -- what a converted one became
    needs_check       INTEGER NOT NULL DEFAULT 0,
    created_by_intake TEXT    NOT NULL DEFAULT '',
    created_at        INTEGER NOT NULL
) STRICT;
CREATE VIRTUAL TABLE lead_words USING fts5 (title, name, content='', contentless_delete=1, detail=none, tokenize='unicode61 remove_diacritics 2', prefix='1 2 3');
CREATE TABLE 'lead_words_config'(k PRIMARY KEY, v) WITHOUT ROWID;
CREATE TABLE 'lead_words_data'(id INTEGER PRIMARY KEY, block BLOB);
CREATE TABLE 'lead_words_docsize'(id INTEGER PRIMARY KEY, sz BLOB, origin INTEGER);
CREATE TABLE 'lead_words_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
CREATE TABLE link (
    kind     INTEGER NOT NULL,
    record   INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    activity INTEGER NOT NULL,
    code     TEXT    NOT NULL,
    manual   INTEGER NOT NULL,
    PRIMARY KEY (kind, record, at, activity)
) STRICT, WITHOUT ROWID;
CREATE TABLE mail_key (
    hash         INTEGER NOT NULL,
    n            INTEGER NOT NULL,
    hash2        INTEGER NOT NULL,
    intake       INTEGER NOT NULL,
    original     INTEGER NOT NULL,
    verdict      TEXT    NOT NULL,
    activity     INTEGER NOT NULL,            -- 0 unless filed
    sender       INTEGER NOT NULL,
    base_subject INTEGER NOT NULL,
    date         INTEGER,
    barred       INTEGER NOT NULL,
    PRIMARY KEY (hash, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE mailbox (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    kind             TEXT    NOT NULL,
    owner            INTEGER REFERENCES crm_user (id),
    address          TEXT UNIQUE,             -- of a shared mailbox
    unknown_own      TEXT,                    -- policies; NULL inherits
    unknown_incoming TEXT,
    visibility       TEXT    NOT NULL,
    distribution     TEXT,                    -- JSON: who becomes responsible for its leads
    cursor           INTEGER NOT NULL DEFAULT 0 -- place in its queue
) STRICT;
CREATE TABLE merged (
    kind   INTEGER NOT NULL,
    record INTEGER NOT NULL,
    kept   INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (kind, record)
) STRICT, WITHOUT ROWID;
CREATE TABLE participant (
    address INTEGER NOT NULL,
    target  INTEGER NOT NULL,
    role    INTEGER NOT NULL,                 -- 1 from, 2 reply_to, 3 to, 4 cc, 5 bcc, 6 envelope
    PRIMARY KEY (address, target, role)
) STRICT, WITHOUT ROWID;
CREATE TABLE password (
    user       INTEGER PRIMARY KEY REFERENCES crm_user (id),
    hash       TEXT    NOT NULL,              -- argon2id, in its own text form
    changed_at INTEGER NOT NULL
) STRICT;
CREATE TABLE raw (
    intake INTEGER PRIMARY KEY,
    codec  INTEGER NOT NULL,                  -- 0 as it is, 1 zstd, 2 in the file
    size   INTEGER NOT NULL,
    sha256 BLOB    NOT NULL,
    file   TEXT    NOT NULL,
    data   BLOB
) STRICT;
CREATE TABLE reply_wait (
    hash     INTEGER NOT NULL,
    activity INTEGER NOT NULL,                -- answers a mail with this Message-ID, which is not here yet
    PRIMARY KEY (hash, activity)
) STRICT, WITHOUT ROWID;
CREATE TABLE secret (
    name       TEXT    NOT NULL PRIMARY KEY,
    value      BLOB    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE thread (
    id          INTEGER PRIMARY KEY,
    last_at     INTEGER NOT NULL,
    pinned_deal INTEGER NOT NULL DEFAULT 0,
    joined_into INTEGER NOT NULL DEFAULT 0    -- the conversation that this one turned out to be
) STRICT;
CREATE TABLE ticket (
    token      BLOB    NOT NULL PRIMARY KEY,  -- SHA-256
    purpose    TEXT    NOT NULL,              -- setup, invitation, reset, signin, address
    user       INTEGER NOT NULL,              -- 0 for setup
    address    TEXT    NOT NULL DEFAULT '',   -- that is confirmed
    created_at INTEGER NOT NULL,
    expires    INTEGER NOT NULL,
    used_at    INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE unlinked (
    activity INTEGER NOT NULL,
    kind     INTEGER NOT NULL,
    record   INTEGER NOT NULL,
    PRIMARY KEY (activity, kind, record)
) STRICT, WITHOUT ROWID;
CREATE TABLE web_session (
    token   BLOB    NOT NULL PRIMARY KEY,
    data    BLOB    NOT NULL,
    user    INTEGER NOT NULL,                 -- 0 before sign-in
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE words_later (
    kind  INTEGER PRIMARY KEY,                -- 1 contact, 2 company
    above INTEGER NOT NULL
) STRICT;
CREATE INDEX activity_occurred ON activity (occurred_at);
CREATE INDEX activity_subject ON activity (subject_hash, occurred_at) WHERE subject_hash <> 0;
CREATE INDEX activity_thread ON activity (thread);
CREATE INDEX address_local ON address (local);
CREATE INDEX api_token_user ON api_token (user);
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_object ON audit (object);
CREATE INDEX bcc_address_mailbox ON bcc_address (mailbox);
CREATE INDEX company_domain_company ON company_domain (company);
CREATE INDEX company_name ON company (name_key);
CREATE INDEX contact_company ON contact (company) WHERE company IS NOT NULL;
CREATE INDEX contact_name ON contact (lower(name));
CREATE INDEX contact_owner ON contact (owner);
CREATE INDEX creation_author ON creation (author, at);
CREATE INDEX deal_company ON deal (company) WHERE company IS NOT NULL;
CREATE INDEX deal_contact_contact ON deal_contact (contact);
CREATE INDEX deal_stage ON deal (status, stage);
CREATE INDEX deal_title ON deal (lower(title));
CREATE INDEX holder_record ON holder (kind, record, position);
CREATE INDEX intake_expires ON intake (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX intake_message ON intake (message_hash);
CREATE INDEX intake_open ON intake (seq) WHERE open = 1;
CREATE INDEX lead_name ON lead (lower(name));
CREATE INDEX lead_open_domain ON lead (domain) WHERE status = 'open' AND domain <> '';
CREATE INDEX lead_open_responsible ON lead (responsible) WHERE status = 'open';
CREATE INDEX lead_title ON lead (lower(title));
CREATE INDEX link_activity ON link (activity);
CREATE INDEX raw_file ON raw (file) WHERE file <> '';
CREATE INDEX ticket_user ON ticket (user);
CREATE INDEX web_session_expires ON web_session (expires);
CREATE INDEX web_session_user ON web_session (user);
