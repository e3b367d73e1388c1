package browser

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

// Request is one request of a tab as the network saw it. Each hop of a
// redirect is a request of its own.
type Request struct {
	URL    string
	Type   string // "Document", "Stylesheet", "Script", "Image", ...
	Status int    // 0 while there is no answer
	Bytes  int    // what came over the wire: headers and encoded body
	Cached bool   // answered from the tab's own memory
	Failed string // why there was no answer

	id    network.RequestID
	frame cdp.FrameID
}

// Hop is one document that a tab asked for.
type Hop struct {
	URL    string
	Status int
}

// recorder keeps what the events of one tab told. The tab's reading loop
// writes it, so nothing here may wait.
type recorder struct {
	mu       sync.Mutex
	main     cdp.FrameID
	requests []*Request
	errors   []consoleError
	loading  bool
	began    int // navigations so far
}

type consoleError struct {
	text    string
	request network.RequestID // the request that failed, if that is the matter
}

func (r *recorder) on(event any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent, *network.EventRequestServedFromCache,
		*network.EventResponseReceived, *network.EventLoadingFinished, *network.EventLoadingFailed:
		r.network(e)
	case *runtime.EventConsoleAPICalled, *runtime.EventExceptionThrown, *log.EventEntryAdded:
		r.console(e)
	default:
		r.navigation(e)
	}
}

func (r *recorder) network(event any) {
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		r.sent(e)
	case *network.EventRequestServedFromCache:
		r.latest(e.RequestID).Cached = true
	case *network.EventResponseReceived:
		r.latest(e.RequestID).Status = int(e.Response.Status)
	case *network.EventLoadingFinished:
		r.latest(e.RequestID).Bytes = int(e.EncodedDataLength)
	case *network.EventLoadingFailed:
		r.latest(e.RequestID).Failed = e.ErrorText
	}
}

// sent records a request; where it follows a redirect it also tells the answer
// to the one before.
func (r *recorder) sent(e *network.EventRequestWillBeSent) {
	if answer := e.RedirectResponse; answer != nil {
		before := r.latest(e.RequestID)
		before.Status, before.Bytes = int(answer.Status), int(answer.EncodedDataLength)
	}
	r.requests = append(r.requests, &Request{
		URL: e.Request.URL, Type: string(e.Type), id: e.RequestID, frame: e.FrameID,
	})
}

// latest is the newest request of that id, or a spare one for a request that
// was forgotten by a reset in between.
func (r *recorder) latest(id network.RequestID) *Request {
	for _, request := range slices.Backward(r.requests) {
		if request.id == id {
			return request
		}
	}
	return &Request{}
}

func (r *recorder) console(event any) {
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
			r.errors = append(r.errors, consoleError{text: "console: " + words(e.Args)})
		}
	case *runtime.EventExceptionThrown:
		r.errors = append(r.errors, consoleError{text: "exception: " + thrown(e.ExceptionDetails)})
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			text := fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL)
			r.errors = append(r.errors, consoleError{strings.TrimSpace(text), e.Entry.NetworkRequestID})
		}
	}
}

// fault notes an error of the harness beside those of the page.
func (r *recorder) fault(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errors = append(r.errors, consoleError{text: text})
}

func words(args []*runtime.RemoteObject) string {
	var parts []string
	for _, arg := range args {
		if arg.Description != "" {
			parts = append(parts, arg.Description)
			continue
		}
		parts = append(parts, strings.Trim(string(arg.Value), `"`))
	}
	return strings.Join(parts, " ")
}

func thrown(details *runtime.ExceptionDetails) string {
	if details.Exception != nil && details.Exception.Description != "" {
		return details.Exception.Description
	}
	return details.Text
}

// navigation follows whether the tab's page is on its way elsewhere.
func (r *recorder) navigation(event any) {
	switch e := event.(type) {
	case *page.EventFrameRequestedNavigation:
		r.load(e.FrameID, true)
	case *page.EventFrameStartedLoading:
		r.load(e.FrameID, true)
	case *page.EventFrameStoppedLoading:
		r.load(e.FrameID, false)
	case *page.EventNavigatedWithinDocument:
		r.load(e.FrameID, false)
	}
}

func (r *recorder) load(frame cdp.FrameID, loading bool) {
	if frame != r.main {
		return
	}
	r.loading = loading
	if loading {
		r.began++
	}
}

func (r *recorder) setMain(frame cdp.FrameID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.main = frame
}

func (r *recorder) state() (loading bool, began int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.loading, r.began
}

func (r *recorder) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests, r.errors = nil, nil
}

func (r *recorder) list() []Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make([]Request, len(r.requests))
	for i, request := range r.requests {
		list[i] = *request
	}
	return list
}

// isPage says whether a request is for the document in the tab's own window.
func (r *recorder) isPage(request *Request) bool {
	return request.Type == string(network.ResourceTypeDocument) && request.frame == r.main
}

func (r *recorder) hops() []Hop {
	r.mu.Lock()
	defer r.mu.Unlock()
	var hops []Hop
	for _, request := range r.requests {
		if r.isPage(request) {
			hops = append(hops, Hop{request.URL, request.Status})
		}
	}
	return hops
}

// consoleErrors leaves out that the page itself answered with an error status:
// Chromium says so of every error page, and Redirects tells it better.
func (r *recorder) consoleErrors() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var texts []string
	for _, e := range r.errors {
		if e.request == "" || !r.isPage(r.latest(e.request)) {
			texts = append(texts, e.text)
		}
	}
	return texts
}
