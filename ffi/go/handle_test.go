package regconf

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"
)

// atOnce runs f in so many goroutines.
func atOnce(count int, f func(i int)) {
	var all sync.WaitGroup
	for i := range count {
		all.Add(1)
		go func() {
			defer all.Done()
			f(i)
		}()
	}
	all.Wait()
}

// example is a plan with what it was made from.
func example(t testing.TB) (*Settings, *Facts, *Plan) {
	settings, facts := wanted(t), NewFacts()
	t.Cleanup(facts.Close)
	check(t, facts.AddFile("/etc/containerd/config.toml", []byte(config)))
	check(t, facts.SetVersion(Containerd, "1.7.24"))
	plan := must(MakePlan(settings, facts))(t)
	t.Cleanup(plan.Close)
	return settings, facts, plan
}

// uses are calls of everything that has a handle.
func uses(t testing.TB, s *Settings, f *Facts, p *Plan, n *Nodes, r *Rollout) map[string]error {
	_, overlay := s.Overlay(s)
	_, marshal := s.MarshalJSON()
	_, fingerprint := s.Fingerprint()
	_, planned := MakePlan(s, f)
	_, empty := p.IsEmpty()
	_, diff := p.Diff()
	_, changes := p.Changes()
	_, outline := p.Outline()
	_, explained := p.Explain(f, "my-registry.com/app")
	_, text := p.ExplainText(f, "my-registry.com/app")
	_, name := n.Name(0)
	_, place := n.Place(0)
	_, pushed := Push(context.Background(), n, s, Options{})
	_, surveyed := Survey(context.Background(), n, s, Options{})
	_, report := r.Report()
	_, applied := r.Apply(context.Background(), Options{})
	if s.Equal(s) || n.Len() != 0 || n.Warnings() != nil {
		t.Error("what is closed has something in it")
	}
	return map[string]error{
		"ensure": s.Ensure(Registry{Host: "a.b", Insecure: InsecureHTTP}), "remove": s.Remove(Removal{Host: "a.b"}),
		"migrate": s.Migrate(), "enable": s.EnableCRI(), "overlay": overlay, "marshal": marshal, "print": fingerprint,
		"file": f.AddFile("/a", nil), "folder": f.AddFolder("/a"), "version": f.SetVersion(Docker, "26.1.5"),
		"assume": f.AssumeVersion(Docker, "26.1.5"), "engine": f.SetEngine(""), "path": f.SetConfigPath(Docker, "/a"),
		"answer": f.AddAnswer(QueryDir("/a"), AnswerAbsent()), "plan": planned, "empty": empty, "diff": diff,
		"changes": changes, "outline": outline, "explain": explained, "text": text, "name": name, "place": place,
		"local": n.AddLocal("/a"), "append": n.Append(NewNodes()), "password": n.SetPassword(AllNodes, nil),
		"become": n.SetBecomePassword(AllNodes, nil), "push": pushed, "survey": surveyed, "report": report, "apply": applied,
	}
}

func TestUseAfterCloseIsAnError(t *testing.T) {
	settings, facts, plan := example(t)
	_, nodes := local(t)
	rollout := must(Survey(context.Background(), nodes, settings, Options{}))(t)
	for _, closing := range []interface{ Close() }{settings, facts, plan, nodes, rollout} {
		closing.Close()
		closing.Close()
	}
	all := uses(t, settings, facts, plan, nodes, rollout)
	for what, err := range all {
		if !isKind(err, ErrInvalidArgument) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, err := range uses(t, nil, &Facts{}, nil, &Nodes{}, nil) {
		if !isKind(err, ErrInvalidArgument) {
			t.Errorf("%s of nothing: %v", what, err)
		}
	}
}

func TestNilAndZeroValuesCanBeClosed(t *testing.T) {
	(*Settings)(nil).Close()
	(&Facts{}).Close()
	(*Plan)(nil).Close()
	(&Nodes{}).Close()
	(*Rollout)(nil).Close()
}

func TestManyCloseAndUseAtOnce(t *testing.T) {
	for range 50 {
		freed := 0
		h := newHandle(new(int), func(*int) { freed++ })
		atOnce(16, func(i int) {
			if i%2 == 0 {
				h.close()
			} else if err := h.use(func(*int) error { runtime.Gosched(); return nil }); err != nil && !isKind(err, ErrInvalidArgument) {
				t.Error(err)
			}
		})
		if freed != 1 {
			t.Fatalf("freed %d times", freed)
		}
	}
	settings, _, plan := example(t)
	atOnce(32, func(int) { settings.Close(); plan.Close() })
}

func TestCloseDuringAPushWaitsForNobody(t *testing.T) {
	root, nodes := local(t)
	settings := wanted(t)
	report, err := Push(context.Background(), nodes, settings, Options{OnEvent: func(event Event) error {
		nodes.Close()
		settings.Close()
		return nil
	}})
	if err != nil || report.Check() != nil || !isMerged(t, root) {
		t.Errorf("%v, %v", err, report)
	}
	if _, err := Push(context.Background(), nodes, settings, Options{}); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("after that: %v", err)
	}
}

func TestReadersMayBeMany(t *testing.T) {
	settings, facts, plan := example(t)
	atOnce(16, func(int) {
		for range 20 {
			other, err := MakePlan(settings, facts)
			if err != nil {
				t.Error(err)
				return
			}
			other.Close()
			if _, err := plan.Explain(facts, "my-registry.com/app"); err != nil || !settings.Equal(settings) {
				t.Error(err)
			}
		}
	})
}

func TestWhatIsNotClosedIsFreed(t *testing.T) {
	freed := make(chan int, 100)
	func() {
		for i := range 100 {
			newHandle(&i, func(p *int) { freed <- *p })
		}
	}()
	for range 100 {
		for len(freed) == 0 {
			runtime.GC()
			runtime.Gosched()
		}
		<-freed
	}
}

// TestUnderTheCollector plans and pushes while the collector runs all the time, and closes nothing.
func TestUnderTheCollector(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(1))
	done := make(chan bool)
	var collector sync.WaitGroup
	collector.Add(1)
	go func() {
		defer collector.Done()
		for {
			select {
			case <-done:
				return
			default:
				runtime.GC()
			}
		}
	}()
	atOnce(4, func(int) {
		for range 20 {
			if err := planAndForget(); err != nil {
				t.Error(err)
			}
		}
	})
	root := newRoot(t)
	atOnce(3, func(i int) {
		for range 3 {
			if err := surveyAndForget(root); err != nil {
				t.Error(err)
			}
		}
	})
	close(done)
	collector.Wait()
}

func planAndForget() error {
	settings, facts := NewSettings(), NewFacts()
	if err := settings.Ensure(Registry{Host: "my-registry.com", Insecure: InsecureHTTP}); err != nil {
		return err
	}
	if err := facts.AddFile("/etc/containerd/config.toml", []byte(config)); err != nil {
		return err
	}
	if err := facts.AssumeVersion(Containerd, "1.7.24"); err != nil {
		return err
	}
	plan, err := MakePlan(settings, facts)
	if err != nil {
		return err
	}
	changes, err := plan.Changes()
	if err == nil && len(changes) != 2 {
		err = fmt.Errorf("%d changes", len(changes))
	}
	return err
}

func surveyAndForget(root string) error {
	settings, nodes := NewSettings(), NewNodes()
	if err := settings.Ensure(Registry{Host: "my-registry.com", Insecure: InsecureHTTP}); err != nil {
		return err
	}
	if err := nodes.AddLocal(root); err != nil {
		return err
	}
	heard := 0
	rollout, err := Survey(context.Background(), nodes, settings, Options{OnEvent: func(Event) error { heard++; return nil }})
	if err != nil {
		return err
	}
	report, err := rollout.Report()
	if err != nil {
		return err
	}
	if report.Nodes[0].Outcome != OutcomePending || heard == 0 {
		return fmt.Errorf("%d events, %s", heard, report)
	}
	return nil
}
