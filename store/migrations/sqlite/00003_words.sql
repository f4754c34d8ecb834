-- The words of many records at once. An index of words is written out after each statement that touches it: for a
-- hundred thousand contacts of an import that was most of the work. Records above the id that stands here for their kind get
-- their words from whoever put it there, before the end of the same transaction: nobody else ever sees a row.

-- +goose Up
CREATE TABLE words_later (
    kind  INTEGER PRIMARY KEY,                -- 1 contact, 2 company
    above INTEGER NOT NULL
) STRICT;

DROP TRIGGER contact_words_insert;
DROP TRIGGER contact_words_update;
DROP TRIGGER company_words_insert;
DROP TRIGGER company_words_update;
-- +goose StatementBegin
CREATE TRIGGER contact_words_insert AFTER INSERT ON contact
WHEN NOT EXISTS (SELECT 1 FROM words_later WHERE kind = 1 AND above < new.id) BEGIN
    INSERT INTO contact_words (rowid, name) VALUES (new.id, new.name);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER contact_words_update AFTER UPDATE OF name ON contact
WHEN old.name <> new.name AND NOT EXISTS (SELECT 1 FROM words_later WHERE kind = 1 AND above < new.id) BEGIN
    DELETE FROM contact_words WHERE rowid = old.id;
    INSERT INTO contact_words (rowid, name) VALUES (new.id, new.name);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER company_words_insert AFTER INSERT ON company
WHEN NOT EXISTS (SELECT 1 FROM words_later WHERE kind = 2 AND above < new.id) BEGIN
    INSERT INTO company_words (rowid, name) VALUES (new.id, new.name);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER company_words_update AFTER UPDATE OF name ON company
WHEN old.name <> new.name AND NOT EXISTS (SELECT 1 FROM words_later WHERE kind = 2 AND above < new.id) BEGIN
    DELETE FROM company_words WHERE rowid = old.id;
    INSERT INTO company_words (rowid, name) VALUES (new.id, new.name);
END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER company_words_update;
DROP TRIGGER company_words_insert;
DROP TRIGGER contact_words_update;
DROP TRIGGER contact_words_insert;
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
DROP TABLE words_later;
