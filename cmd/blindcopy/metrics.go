package main

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"blindcopy/crm"
	"blindcopy/smtpd"
	"blindcopy/store"
)

// metrics is what /metrics tells Prometheus. The names are a promise: alerts stand on them.
type metrics struct {
	registry *prometheus.Registry
	verdicts *prometheus.CounterVec
	failures prometheus.Counter
	took     prometheus.Histogram
	commits  prometheus.Histogram
	batches  prometheus.Histogram
}

// newMetrics has a registry of its own: the library's global one would hold what any
// package put there, and could not be made twice in one test.
func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		verdicts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "blindcopy_messages_total", Help: "Messages that were taken, by what became of them."}, []string{"verdict"}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "blindcopy_message_failures_total", Help: "Messages that were received whole and could not be recorded: their senders keep them."}),
		took: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "blindcopy_message_seconds", Help: "From the last byte of a message to the end of its transaction.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}}),
	}
	m.commits = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "blindcopy_commit_seconds", Help: "Transactions of the writer, from their begin until they are on disk.",
		Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}})
	m.batches = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "blindcopy_commit_changes", Help: "Changes that shared a transaction.", Buckets: prometheus.ExponentialBuckets(1, 2, 9)})
	for _, v := range []crm.Verdict{crm.Filed, crm.Held, crm.Ignored, crm.Duplicate, crm.Refused} {
		m.verdicts.WithLabelValues(string(v)) // a rate needs a zero to begin at
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "blindcopy_build_info", Help: "Always 1; the labels tell what runs.",
		ConstLabels: prometheus.Labels{"version": version, "schema": strconv.Itoa(store.SchemaVersion())}})
	build.Set(1)
	m.registry.MustRegister(m.verdicts, m.failures, m.took, m.commits, m.batches, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// committed is told of each transaction of the writer.
func (m *metrics) committed(took time.Duration, changes int) {
	m.commits.Observe(took.Seconds())
	m.batches.Observe(float64(changes))
}

// handler answers a scrape. Few at once: each counts the records of the database.
func (m *metrics) handler(log *slog.Logger) http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog:            slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		ErrorHandling:       promhttp.ContinueOnError,
		MaxRequestsInFlight: 2,
		Timeout:             8 * time.Second,
	})
}

// countingInbox counts what becomes of messages on their way to the inbox.
type countingInbox struct {
	smtpd.Inbox
	*metrics
}

func (i countingInbox) Take(ctx context.Context, in *crm.Inbound) (crm.Receipt, error) {
	began := time.Now()
	receipt, err := i.Inbox.Take(ctx, in)
	i.took.Observe(time.Since(began).Seconds())
	if err != nil {
		i.failures.Inc()
		return receipt, err
	}
	i.verdicts.WithLabelValues(string(receipt.Verdict)).Inc()
	return receipt, nil
}

// smtpMetrics reads the counters of the SMTP server at each scrape.
type smtpMetrics struct {
	stats                                              func() smtpd.Stats
	sessions, open, accepted, bytes, refused, limitHit *prometheus.Desc
}

func newSMTPMetrics(stats func() smtpd.Stats) *smtpMetrics {
	return &smtpMetrics{
		stats:    stats,
		sessions: describe("smtp_sessions_total", "SMTP sessions that began."),
		open:     describe("smtp_open_connections", "Connections that are open now."),
		accepted: describe("smtp_accepted_total", "Messages answered 250."),
		bytes:    describe("smtp_accepted_bytes_total", "Bytes of the messages answered 250."),
		refused:  describe("smtp_refused_total", "Replies of 4xx and 5xx, by code.", "code"),
		limitHit: describe("smtp_limits_total", "Times that a client met a limit, by limit.", "limit"),
	}
}

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("blindcopy_"+name, help, labels, nil)
}

func (s *smtpMetrics) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(s, ch) }

func (s *smtpMetrics) Collect(ch chan<- prometheus.Metric) {
	st := s.stats()
	ch <- prometheus.MustNewConstMetric(s.sessions, prometheus.CounterValue, float64(st.Sessions))
	ch <- prometheus.MustNewConstMetric(s.open, prometheus.GaugeValue, float64(st.Open))
	ch <- prometheus.MustNewConstMetric(s.accepted, prometheus.CounterValue, float64(st.Accepted))
	ch <- prometheus.MustNewConstMetric(s.bytes, prometheus.CounterValue, float64(st.Bytes))
	for code, n := range withZeros(st.Refused, 421, 451, 452, 550, 552) {
		ch <- prometheus.MustNewConstMetric(s.refused, prometheus.CounterValue, float64(n), strconv.Itoa(code))
	}
	for limit, n := range withZeros(st.Limits, "connections", "per_address", "unknown_recipients", "commands", "errors") {
		ch <- prometheus.MustNewConstMetric(s.limitHit, prometheus.CounterValue, float64(n), limit)
	}
}

// withZeros adds the counters that were never counted: a rate needs a zero to begin at.
func withZeros[K comparable](counts map[K]uint64, names ...K) map[K]uint64 {
	all := make(map[K]uint64, len(counts)+len(names))
	for _, name := range names {
		all[name] = 0
	}
	maps.Copy(all, counts)
	return all
}

// storeMetrics looks at the database at each scrape. What it cannot learn it leaves out.
type storeMetrics struct {
	store                                              *store.Store
	up, queue, room, wal, free, reserve, records, held *prometheus.Desc
}

func newStoreMetrics(s *store.Store) *storeMetrics {
	return &storeMetrics{
		store:   s,
		up:      describe("database_up", "1 if the database answers a question, 0 if not."),
		queue:   describe("writer_queue", "Changes that wait for the writer."),
		room:    describe("writer_queue_room", "Changes that may wait before senders are asked to come again."),
		wal:     describe("database_wal_bytes", "Size of the write-ahead log."),
		free:    describe("database_disk_free_bytes", "Free bytes on the disk of the database."),
		reserve: describe("database_disk_reserve_bytes", "Free bytes on the disk of the database below which mail is answered 452."),
		records: describe("records", "Records in the database, by kind.", "kind"),
		held:    describe("held_messages", "Held mail that waits for a person."),
	}
}

// Describe names no metric: which of them there are depends on what can be learnt.
func (s *storeMetrics) Describe(chan<- *prometheus.Desc) {}

func (s *storeMetrics) Collect(ch chan<- prometheus.Metric) {
	const patience = 2 * time.Second
	gauge := func(d *prometheus.Desc, n int64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(n), labels...)
	}
	load, err := s.store.Load()
	gauge(s.queue, int64(load.Queue))
	gauge(s.room, int64(load.QueueRoom))
	gauge(s.wal, load.WALBytes)
	if err == nil {
		gauge(s.free, load.FreeBytes)
		gauge(s.reserve, load.Reserve)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	st, err := s.store.Stats(ctx)
	if err != nil {
		gauge(s.up, 0)
		return
	}
	gauge(s.up, 1)
	gauge(s.held, st.Held)
	for kind, n := range map[string]int64{"user": st.Users, "contact": st.Contacts, "company": st.Companies, "lead": st.Leads,
		"deal": st.Deals, "activity": st.Activities, "intake": st.Intakes} {
		gauge(s.records, n, kind)
	}
}
