package regconf

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// during is options that run f when the first node is being connected to.
func during(f func() error) Options {
	// Longer than any test may take: only the word to stop ends it.
	return Options{ConnectTimeout: time.Hour, Deadline: time.Hour, OnEvent: func(event Event) error {
		if event.Kind == EventConnecting {
			return f()
		}
		return nil
	}}
}

func isCancelled(report *Report) bool {
	return report != nil && len(report.Nodes) == 1 && report.Nodes[0].Outcome == OutcomeNotTried &&
		errors.Is(report.Nodes[0].Err, ErrCancelled)
}

func TestAContextCancelsAPush(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	cause := errors.New("enough")
	report, err := Push(ctx, nodeList(t, silent(t)), wanted(t), during(func() error { cancel(cause); return nil }))
	if !errors.Is(err, context.Canceled) || !errors.Is(err, cause) || !errors.Is(err, ErrCancelled) || !isCancelled(report) {
		t.Errorf("%v, %v", err, report)
	}
}

func TestAContextsDeadlineCancelsAPush(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	report, err := Push(ctx, nodeList(t, silent(t)), wanted(t), during(func() error { return nil }))
	if !errors.Is(err, context.DeadlineExceeded) || !isCancelled(report) {
		t.Errorf("%v, %v", err, report)
	}
}

func TestAContextCancelsSurveyAndApply(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	stop := during(func() error { cancel(); return nil })
	rollout, err := Survey(ctx, nodeList(t, silent(t)), wanted(t), stop)
	if !errors.Is(err, context.Canceled) || !isCancelled(must(rollout.Report())(t)) {
		t.Errorf("survey: %v", err)
	}
	rollout.Close()

	_, nodes := local(t)
	rollout = must(Survey(context.Background(), nodes, wanted(t), Options{}))(t)
	defer rollout.Close()
	if report, err := rollout.Apply(ctx, Options{}); !errors.Is(err, context.Canceled) || !isCancelled(report) {
		t.Errorf("apply: %v, %v", err, report)
	}
}

func TestAContextThatHasEndedBeginsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	root, nodes := local(t)
	report, err := Push(ctx, nodes, wanted(t), Options{})
	if !errors.Is(err, context.Canceled) || !isCancelled(report) || isMerged(t, root) {
		t.Errorf("%v, %v", err, report)
	}
}

func TestAContextThatEndsAfterTheWorkIsNoError(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	_, nodes := local(t)
	report, err := Push(ctx, nodes, wanted(t), Options{OnEvent: func(event Event) error {
		if event.Kind == EventBatch && !event.Batch.Begins {
			cancel()
		}
		return nil
	}})
	if err != nil || report.Check() != nil {
		t.Errorf("%v, %v", err, report)
	}
}

// The change that somebody else's lock holds up would be waited for, for minutes.
func TestNodesInTheMiddleAreLeftAloneAfterTheGrace(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	root, nodes := local(t)
	state := filepath.Join(root, "var/lib/regconf")
	check(t, os.MkdirAll(state, 0o700))
	check(t, os.WriteFile(filepath.Join(state, "change"), []byte("of another\ndecided\n"), 0o600))
	lock := must(os.Create(filepath.Join(state, "lock")))(t)
	defer lock.Close()
	check(t, syscall.Flock(int(lock.Fd()), syscall.LOCK_EX))
	gathering := func(event Event) error {
		if event.Kind == EventGathering {
			time.AfterFunc(300*time.Millisecond, cancel)
		}
		return nil
	}
	began := time.Now()
	report, err := Push(ctx, nodes, wanted(t), Options{Grace: 10 * time.Millisecond, OnEvent: gathering})
	if !errors.Is(err, context.Canceled) || !isCancelled(report) || time.Since(began) > time.Minute {
		t.Errorf("%v after %s, %v", err, time.Since(began), report)
	}
}

func TestAnErrorOfTheCallbackCancels(t *testing.T) {
	why := errors.New("the callback has seen enough")
	heard := 0
	report, err := Push(context.Background(), nodeList(t, silent(t)), wanted(t), during(func() error { heard++; return why }))
	if err != why || heard != 1 || !isCancelled(report) {
		t.Errorf("%v after %d events, %v", err, heard, report)
	}
}

func TestAPanicOfTheCallbackReachesTheCaller(t *testing.T) {
	why := errors.New("a panic")
	nodes := nodeList(t, silent(t))
	func() {
		defer func() {
			if got := recover(); got != why {
				t.Errorf("recovered %v", got)
			}
		}()
		_, _ = Push(context.Background(), nodes, wanted(t), during(func() error { panic(why) }))
		t.Error("the panic is lost")
	}()
	// The call has ended, and the list is nobody's: else it could not be changed.
	check(t, nodes.SetPassword(AllNodes, []byte("secret")))
}

func TestAGoexitOfTheCallbackEndsTheGoroutine(t *testing.T) {
	nodes := nodeList(t, silent(t))
	settings := wanted(t)
	ended := make(chan bool)
	go func() {
		defer close(ended)
		_, _ = Push(context.Background(), nodes, settings, during(func() error { runtime.Goexit(); return nil }))
		t.Error("the goroutine goes on")
	}()
	<-ended
	check(t, nodes.SetPassword(AllNodes, []byte("secret")))
}

func TestACallbackMayCall(t *testing.T) {
	_, nodes := local(t)
	settings := wanted(t)
	report, err := Push(context.Background(), nodes, settings, Options{OnEvent: func(Event) error {
		if _, err := nodes.Name(0); err != nil {
			return err
		}
		if err := settings.Migrate(); !isKind(err, ErrInvalidArgument) {
			t.Errorf("settings in use are changed: %v", err)
		}
		_, err := Push(context.Background(), nodes, settings, Options{DryRun: true})
		return err
	}})
	if err != nil || report.Check() != nil {
		t.Errorf("%v, %v", err, report)
	}
}
