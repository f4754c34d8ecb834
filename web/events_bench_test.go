//go:build unix

package web

import (
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"time"

	"blindcopy/crm"
)

// BenchmarkStreams is a mail that a hundred listeners are told of: from before it is recorded until the last one has it. It also
// says what a stream costs: memory of the server and of this client together, and the processor while nothing happens.
func BenchmarkStreams(b *testing.B) {
	w := newWorld(b)
	var users []*caller
	anna := w.user("anna@acme.example", false)
	for i := range 10 {
		users = append(users, w.program(w.user(crm.Address(fmt.Sprintf("user%d@acme.example", i)), false)))
	}
	before := inUse()
	var open []*listener
	for i := range 100 {
		l := users[i%len(users)].follow("")
		l.next("review")
		open = append(open, l)
	}
	each := float64(inUse()-before) / float64(len(open))
	const quiet = 3 * time.Second
	spent := processor()
	time.Sleep(quiet)
	idle := 100 * float64(processor()-spent) / float64(quiet)
	spent = processor()
	for b.Loop() {
		w.file(letter{by: anna, subject: "Offer", at: w.now})
		for _, l := range open {
			l.next("intake")
		}
	}
	b.ReportMetric(each, "B/stream")
	b.ReportMetric(idle, "idle-%cpu")
	b.ReportMetric(float64(processor()-spent)/float64(b.N)/1e6, "cpu-ms/mail")
}

// inUse is the memory that is used now, stacks too.
func inUse() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}

// processor is the time that this process had of it.
func processor() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // of ourselves: cannot fail
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
