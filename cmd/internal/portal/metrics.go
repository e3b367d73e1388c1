package portal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics is what /metrics tells. Every label is a fixed name of ours or a
// route's pattern, never a path, so that nobody can make it grow by asking.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	signIns  *prometheus.CounterVec
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "portico_requests_total", Help: "Requests answered, by route and status."}, []string{"route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "portico_request_seconds", Help: "How long requests took, by route.", Buckets: []float64{.001, .005, .02, .1, .5, 2, 8},
		}, []string{"route"}),
		signIns: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "portico_attempts_total", Help: "Sign-ins, silent checks and deliveries, by how they ended."}, []string{"kind", "reason"}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "portico_build_info", Help: "Always 1; the label says what runs.", ConstLabels: prometheus.Labels{"version": cmp.Or(version(), "unknown")}})
	build.Set(1)
	m.registry.MustRegister(m.requests, m.seconds, m.signIns, build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// request counts one answered request; without metrics nothing is counted.
func (m *metrics) request(route string, status int, took time.Duration) {
	route = cmp.Or(route, "none") // no route fits
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
}

func (m *metrics) attempt(kind, reason string) { m.signIns.WithLabelValues(kind, reason).Inc() }

// watch adds what is looked up when somebody asks.
func (m *metrics) watch(a *App) {
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
	}
	m.registry.MustRegister(
		gauge("portico_sessions_cached", "Sessions kept in memory.", func() float64 { return float64(a.Guard.Cached()) }),
		gauge("portico_campus_one_away", "1 while nobody is sent to Campus One because it does not answer.", func() float64 {
			if a.Provider.Away() {
				return 1
			}
			return 0
		}),
		&deliveries{app: a, desc: prometheus.NewDesc("portico_deliveries", "Webhook deliveries stored, by state.", []string{"state"}, nil)},
	)
}

// deliveries counts the inbox when somebody asks.
type deliveries struct {
	app  *App
	desc *prometheus.Desc
}

// Describe tells the one metric.
func (d *deliveries) Describe(out chan<- *prometheus.Desc) { out <- d.desc }

// Collect counts; while the database does not answer the metric is an error,
// and the others are told all the same.
func (d *deliveries) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	states, err := d.app.DB.DeliveryStates(ctx)
	if err != nil {
		out <- prometheus.NewInvalidMetric(d.desc, err)
		return
	}
	for state, n := range states {
		out <- prometheus.MustNewConstMetric(d.desc, prometheus.GaugeValue, float64(n), state)
	}
}

// serveMetrics answers /metrics on a listener of its own. The function it
// returns stops that.
func (a *App) serveMetrics() (func(), error) {
	if a.metrics == nil {
		return func() {}, nil
	}
	l, err := net.Listen("tcp", a.config.Portico.MetricsListen)
	if err != nil {
		return nil, fmt.Errorf("listening for PORTICO_METRICS_LISTEN on %s: %w", a.config.Portico.MetricsListen, err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(a.metrics.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: 4}))
	server := &http.Server{Handler: mux, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelDebug)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			a.log.Error("the metrics are not told any more", "error", err)
		}
	}()
	a.log.Info("metrics are told", "listen", l.Addr().String())
	return func() { _ = server.Close(); <-done }, nil // who asks for metrics asks again
}
