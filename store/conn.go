package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mattn/go-sqlite3"
)

// conn is a connection with its prepared statements, without database/sql between us and
// the driver: a look-up through the pool costs 0.1 ms of CPU under load, here about 5 µs. It may be used
// by one goroutine at a time.
type conn struct {
	c     *sqlite3.SQLiteConn
	stmts map[string]*sqlite3.SQLiteStmt
	args  []driver.NamedValue // reused; the driver keeps none
	row   []driver.Value      // reused for each row
}

func newConn(c *sqlite3.SQLiteConn) *conn {
	return &conn{c: c, stmts: map[string]*sqlite3.SQLiteStmt{}}
}

// dial opens a connection of its own.
func (c connector) dial() (*conn, error) {
	dc, err := c.Connect(context.Background())
	if err != nil {
		return nil, err
	}
	return newConn(dc.(*sqlite3.SQLiteConn)), nil
}

func (c *conn) close() error {
	return errors.Join(c.forget(), c.c.Close())
}

// forget gives the prepared statements back.
func (c *conn) forget() error {
	var errs []error
	for query, s := range c.stmts {
		errs = append(errs, s.Close())
		delete(c.stmts, query)
	}
	return errors.Join(errs...)
}

func (c *conn) prepared(query string) (*sqlite3.SQLiteStmt, error) {
	if s, ok := c.stmts[query]; ok {
		return s, nil
	}
	s, err := c.c.Prepare(query)
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", query, err)
	}
	c.stmts[query] = s.(*sqlite3.SQLiteStmt)
	return c.stmts[query], nil
}

// bind lays out the arguments: int64, string, []byte, bool or nil.
func (c *conn) bind(args []any) []driver.NamedValue {
	c.args = c.args[:0]
	for i, a := range args {
		c.args = append(c.args, driver.NamedValue{Ordinal: i + 1, Value: a})
	}
	return c.args
}

// exec runs a statement that returns no rows.
func (c *conn) exec(query string, args ...any) (driver.Result, error) {
	s, err := c.prepared(query)
	if err != nil {
		return nil, err
	}
	// context.Background: with a context that can end, the driver starts a goroutine for each call.
	return s.ExecContext(context.Background(), c.bind(args))
}

// rowsInsert is an INSERT of several rows at once: its texts, for one row and more. A statement costs as much as three rows in it.
type rowsInsert [8]string

// newRowsInsert takes the text before VALUES, the marks of a row, and the text behind.
func newRowsInsert(into, row, rest string) (r rowsInsert) {
	for i := range r {
		r[i] = into + " VALUES " + strings.Repeat(row+", ", i) + row + " " + rest
	}
	return r
}

// insert adds rows of so many columns, one behind the other in args.
func (c *conn) insert(r *rowsInsert, columns int, args []any) error {
	for len(args) > 0 {
		n := min(len(r), len(args)/columns)
		if _, err := c.exec(r[n-1], args[:n*columns]...); err != nil {
			return err
		}
		args = args[n*columns:]
	}
	return nil
}

// query calls each for every row. The row is only valid within the call.
func (c *conn) query(query string, each func(row []driver.Value) error, args ...any) error {
	s, err := c.prepared(query)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(context.Background(), c.bind(args))
	if err != nil {
		return err
	}
	n := len(rows.Columns())
	if cap(c.row) < n {
		c.row = make([]driver.Value, n)
	}
	row := c.row[:n]
	c.row = nil // a query inside each gets its own
	for err == nil {
		if err = rows.Next(row); err == nil {
			err = each(row)
		}
	}
	c.row = row
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return errors.Join(err, rows.Close())
}

// number returns the only column of the only row, 0 where there is none.
func (c *conn) number(query string, args ...any) (n int64, err error) {
	err = c.query(query, func(row []driver.Value) error {
		n, _ = row[0].(int64)
		return nil
	}, args...)
	return n, err
}

// text returns the only column of the only row as text.
func (c *conn) text(query string, args ...any) (s string, err error) {
	err = c.query(query, func(row []driver.Value) error {
		s = fmt.Sprint(row[0])
		return nil
	}, args...)
	return s, err
}

// asker is a connection, or something that gets one when it is needed.
type asker interface {
	query(query string, each func(row []driver.Value) error, args ...any) error
	number(query string, args ...any) (int64, error)
}

// lent is a connection that is borrowed when the first question needs one: most mail needs none.
type lent struct {
	s   *Store
	ctx context.Context
	c   *conn
}

func (l *lent) conn() (*conn, error) {
	if l.c != nil {
		return l.c, nil
	}
	var err error
	l.c, err = l.s.borrow(l.ctx)
	return l.c, err
}

func (l *lent) giveBack() {
	if l.c != nil {
		l.s.asks <- l.c
		l.c = nil
	}
}

func (l *lent) query(query string, each func(row []driver.Value) error, args ...any) error {
	c, err := l.conn()
	if err != nil {
		return err
	}
	err = c.query(query, each, args...)
	l.s.noteDamage(err)
	return err
}

func (l *lent) number(query string, args ...any) (int64, error) {
	c, err := l.conn()
	if err != nil {
		return 0, err
	}
	n, err := c.number(query, args...)
	l.s.noteDamage(err)
	return n, err
}

func integer(v driver.Value) int64 {
	n, _ := v.(int64)
	return n
}

func str(v driver.Value) string {
	switch s := v.(type) {
	case string:
		return s
	case []byte:
		return string(s)
	}
	return ""
}
