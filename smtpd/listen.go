package smtpd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"time"
)

// listener is a way in and the protocol that is spoken there.
type listener struct {
	net.Listener
	lmtp bool
}

// ListenError says which address cannot be listened on, and what to do.
type ListenError struct {
	Address string
	Err     error
	hint    string
}

// Error is one sentence.
func (e *ListenError) Error() string {
	return fmt.Sprintf("cannot listen on %s: %s", e.Address, plainReason(e.Err))
}

// Unwrap returns the cause.
func (e *ListenError) Unwrap() error { return e.Err }

// Hint says what to run or change next; it may be empty.
func (e *ListenError) Hint() string { return e.hint }

func plainReason(err error) string {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return "the address is in use"
	case errors.Is(err, syscall.EACCES):
		return "permission denied"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "this machine has no such address"
	}
	return err.Error()
}

func hintFor(address string, err error) string {
	_, port, _ := net.SplitHostPort(address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE) && port != "":
		return fmt.Sprintf("another program, maybe this one, listens there: see `ss -ltnp 'sport = :%s'`, or set another smtp.listen", port)
	case errors.Is(err, syscall.EADDRINUSE):
		return "another program, maybe this one, listens there: stop it, or set another lmtp.listen"
	case errors.Is(err, syscall.EACCES) && port != "":
		return "ports below 1024 need a privilege: give the binary cap_net_bind_service, or let systemd open the socket, or set another smtp.listen"
	case errors.Is(err, syscall.EACCES):
		return "the folder of the socket must be writable for the user of this program"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "see `ip address` for the addresses there are; `:25` listens on all of them"
	}
	return ""
}

// Listen binds every address of the options, or none. Its error is a *ListenError.
func (s *Server) Listen(ctx context.Context) error {
	for _, address := range s.opts.Listen {
		if err := s.bind(ctx, "tcp", address, false); err != nil {
			return err
		}
	}
	switch address := s.opts.LMTP; {
	case address == "":
		return nil
	case strings.Contains(address, "/"):
		return s.bind(ctx, "unix", address, true)
	default:
		return s.bind(ctx, "tcp", address, true)
	}
}

func (s *Server) bind(ctx context.Context, network, address string, lmtp bool) error {
	l, err := listen(ctx, network, address)
	if err != nil {
		for _, bound := range s.listeners {
			_ = bound.Close()
		}
		s.listeners = nil
		return &ListenError{address, err, hintFor(address, err)}
	}
	s.listeners = append(s.listeners, listener{l, lmtp})
	return nil
}

func listen(ctx context.Context, network, address string) (net.Listener, error) {
	if network == "unix" {
		if err := removeStale(ctx, address); err != nil {
			return nil, err
		}
	}
	var config net.ListenConfig
	l, err := config.Listen(ctx, network, address)
	if err != nil || network != "unix" {
		return l, err
	}
	// The mail server in front shares a group with us. Closing removes the file.
	if err := os.Chmod(address, 0o660); err != nil {
		_ = l.Close()
		return nil, err
	}
	return l, nil
}

// removeStale removes the socket of a program that was killed: a file at which nobody
// answers. A living one is an address in use, and a file that is no socket is left alone.
func removeStale(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode().Type() != fs.ModeSocket {
		return errors.New("there is a file of that name which is not a socket")
	}
	dialer := net.Dialer{Timeout: time.Second}
	if c, err := dialer.DialContext(ctx, "unix", path); err == nil {
		_ = c.Close()
		return syscall.EADDRINUSE
	} else if !errors.Is(err, syscall.ECONNREFUSED) {
		return err
	}
	return os.Remove(path)
}

// Addrs returns where the server listens, in the order of the options, LMTP last.
func (s *Server) Addrs() []net.Addr {
	addrs := make([]net.Addr, len(s.listeners))
	for i, l := range s.listeners {
		addrs[i] = l.Addr()
	}
	return addrs
}
