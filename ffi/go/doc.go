// Package regconf merges image registry settings into the existing containerd and docker configs, and pushes them to
// nodes over SSH.
//
// It is a thin layer over libregconf, which pkg-config must find. Plans are pure: [MakePlan] reads and writes nothing.
// [Push] makes each node of a list as the settings say; [Survey] finds out what there is to do, and [Rollout.Apply] does
// it later:
//
//	settings, err := regconf.ParseSettings(wanted)
//	…
//	defer settings.Close()
//	nodes, err := regconf.LoadNodes("nodes.json")
//	…
//	defer nodes.Close()
//	report, err := regconf.Push(ctx, nodes, settings, regconf.Options{Canary: 1})
//	if err == nil {
//		err = report.Check()
//	}
//
// # Errors
//
// Every error of the library is an [*Error], and wraps the [Kind] that it is of: errors.Is(err, regconf.ErrHostKey). What
// happened on a node is in the report and is no error of the call.
//
// # Contexts
//
// When a context ends, nodes in the middle of a change finish or go back, and no other is begun. The call returns then,
// not before, so that no node is left half changed.
//
// # Handles
//
// [Settings], [Facts], [Plan], [Nodes], [Imported] and [Rollout] hold memory of the library. Close frees it; it may be
// called more than once and while others use the value, which keep it until they are done. What was not closed is freed
// when the garbage collector finds it. After Close, and on a nil or zero value, methods fail with [ErrInvalidArgument].
//
// Methods that only read may be called by several goroutines at once. One that changes a value while another call uses
// it fails with [ErrInvalidArgument] and changes nothing. [Report], [Error], [Event] and [Options] are plain Go values.
package regconf
