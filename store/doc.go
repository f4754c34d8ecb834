// Package store keeps everything in one SQLite database: who the people are, what arrived
// and why it ended as it did, and the timelines. It decides nothing: it answers crm.Question
// and carries out crm.Plan.
//
// On disk lie, for a database at crm.db:
//
//	crm.db, crm.db-wal, crm.db-shm   the database, in WAL mode (docs/sqlite.md)
//	crm.db.files/                    one file for each message over 64 KB, named by us
//	crm.db.lock                      flock: shared by the server, exclusive for a migration
//
// All writing goes through one goroutine that commits in groups (writer.go). Reading uses a few
// read-only connections. What is known of addresses, records and rules is kept in memory and is
// made fresh by a log of changes that every process appends to (change.go).
package store
