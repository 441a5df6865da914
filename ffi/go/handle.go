package regconf

import (
	"runtime"
	"sync"
)

// handle owns a pointer of the library. It is freed once: when it was closed and nobody uses it any more, or when the
// garbage collector finds the handle.
type handle[P any] struct {
	pointer P
	free    func(P)
	cleanup runtime.Cleanup

	mu     sync.Mutex
	uses   int
	closed bool
}

// newHandle takes a pointer over. The function that frees it must not refer to the handle.
func newHandle[P any](pointer P, free func(P)) *handle[P] {
	h := &handle[P]{pointer: pointer, free: free}
	h.cleanup = runtime.AddCleanup(h, free, pointer)
	return h
}

// use runs f with the pointer, which stays valid until f returns. Several may do so at once; no lock is held meanwhile.
func (h *handle[P]) use(f func(P) error) error {
	if err := h.acquire(); err != nil {
		return err
	}
	defer h.release()
	return f(h.pointer)
}

// change runs f with the pointer while nobody else has it. It does not wait for those who have: an observer that changes
// the nodes of its own push would wait forever.
func (h *handle[P]) change(f func(P) error) error {
	if h == nil {
		return errClosed()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return errClosed()
	}
	if h.uses > 0 {
		return errInUse()
	}
	return f(h.pointer)
}

func (h *handle[P]) acquire() error {
	if h == nil {
		return errClosed()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return errClosed()
	}
	h.uses++
	return nil
}

// release comes after the call, and so keeps the handle alive during it.
func (h *handle[P]) release() {
	h.mu.Lock()
	h.uses--
	last := h.closed && h.uses == 0
	h.mu.Unlock()
	if last {
		h.free(h.pointer)
	}
}

func (h *handle[P]) close() {
	if h == nil || !h.markClosed() {
		return
	}
	h.free(h.pointer)
}

// markClosed tells whether the caller is the one to free the pointer.
func (h *handle[P]) markClosed() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	h.closed = true
	h.cleanup.Stop()
	return h.uses == 0
}

func errClosed() error {
	return newError(ErrInvalidArgument, "is closed, or was never made")
}

func errInUse() error {
	return newError(ErrInvalidArgument, "cannot be changed while another call uses it")
}
