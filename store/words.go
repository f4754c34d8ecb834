package store

// wordTables have an index of words that triggers keep, and that may wait for the end of a change: see words_later.
var wordTables = map[int]string{1: "contact", 2: "company"}

// wordsLater makes the words of records that are added from now on wait until lateWords, in the same change.
func (t *tx) wordsLater() error {
	for kind, table := range wordTables {
		if err := t.exec(`INSERT INTO words_later (kind, above) SELECT ?, coalesce(max(id), 0) FROM `+table, int64(kind)); err != nil {
			return err
		}
	}
	return nil
}

// lateWords adds what has waited.
func (t *tx) lateWords() error {
	for kind, table := range wordTables {
		err := t.exec(`
			INSERT INTO `+table+`_words (rowid, name) SELECT id, name FROM `+table+`
			WHERE id > (SELECT above FROM words_later WHERE kind = ?) ORDER BY id`, int64(kind))
		if err != nil {
			return err
		}
	}
	return t.exec(`DELETE FROM words_later`)
}
