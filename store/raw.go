package store

import (
	"bytes"
	"context"
	"database/sql/driver"
	_ "embed"
	"fmt"
	"sync"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"

	"blindcopy/crm"
)

// How the bytes of a message lie in the table raw.
const (
	codecPlain int64 = iota
	codecZstd
	codecFile
	codecS2 // with the dictionary below: what is written now
)

// mailWords is what mail is made of again and again: field names, MIME and HTML of common clients. A short message refers to
// it as to what was sent before. It must never change, for messages on disk refer to it: another one gets a codec of its own.
//
//go:embed dictionary.txt
var mailWords []byte

// dictionary may be used by any goroutine. On the wire lines end with CRLF.
var dictionary = sync.OnceValue(func() *s2.Dict {
	return s2.MakeDict(bytes.ReplaceAll(mailWords, []byte("\n"), []byte("\r\n")), nil)
})

// unzstd reads what earlier versions wrote.
var unzstd = sync.OnceValue(func() *zstd.Decoder {
	d, _ := zstd.NewReader(nil, zstd.WithDecoderConcurrency(readers), zstd.WithDecoderMaxMemory(64<<20)) // fails with wrong options only
	return d
})

// packed is a message as the table raw takes it.
type packed struct {
	codec int64
	size  int64
	sum   []byte
	file  string
	data  []byte
}

// pack compresses a message. It runs before the writer's turn.
func pack(raw crm.Raw) packed {
	p := packed{size: raw.Size(), sum: raw.SHA256[:], file: raw.File}
	if raw.File != "" {
		p.codec = codecFile
		return p
	}
	p.codec, p.data = codecS2, dictionary().Encode(nil, raw.Bytes)
	if len(p.data) >= len(raw.Bytes) {
		p.codec, p.data = codecPlain, raw.Bytes
	}
	return p
}

const insertRaw = `INSERT INTO raw (intake, codec, size, sha256, file, data) VALUES (?, ?, ?, ?, ?, ?)`

func (p packed) insert(t *tx, intake int64) error {
	data := any(p.data)
	if p.data == nil {
		data = nil
	}
	if p.codec == codecFile {
		t.files.kept = append(t.files.kept, p.file)
	}
	return t.exec(insertRaw, intake, p.codec, p.size, p.sum, p.file, data)
}

// Raw returns the exact bytes of a message as it was received, crm.ErrNotFound when there is no such
// intake or its content was not kept. Whoever gets it calls Release, if there is one, when done.
func (s *Store) Raw(ctx context.Context, id crm.IntakeID) (crm.Raw, error) {
	var p *packed
	err := s.read(ctx, func(c *conn) error {
		return c.query(`SELECT r.codec, r.size, r.sha256, r.file, r.data FROM intake i JOIN raw r ON r.intake = i.seq WHERE i.id = ?`, func(row []driver.Value) error {
			data, _ := row[4].([]byte)
			sum, _ := row[2].([]byte)
			p = &packed{integer(row[0]), integer(row[1]), sum, str(row[3]), data}
			return nil
		}, string(id))
	})
	if err != nil {
		return crm.Raw{}, fmt.Errorf("read the raw message of %s: %w", id, err)
	}
	if p == nil {
		return crm.Raw{}, notFound("raw message of intake", id)
	}
	raw, err := s.unpack(*p)
	if err != nil {
		return crm.Raw{}, fmt.Errorf("read the raw message of %s: %w", id, err)
	}
	return raw, nil
}

func (s *Store) unpack(p packed) (raw crm.Raw, err error) {
	switch p.codec {
	case codecPlain:
		raw.Bytes = p.data
	case codecZstd:
		raw.Bytes, err = unzstd().DecodeAll(p.data, make([]byte, 0, p.size))
	case codecS2:
		raw.Bytes, err = dictionary().Decode(make([]byte, p.size), p.data)
	case codecFile:
		raw, err = s.bodies.open(p.file, p.size)
	default:
		err = fmt.Errorf("kept in a way (%d) that is newer than this program", p.codec)
	}
	copy(raw.SHA256[:], p.sum)
	return raw, err
}
