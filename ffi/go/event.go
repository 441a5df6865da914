package regconf

import "time"

// EventKind is what an event is about. Later versions of the library may have more kinds than there are constants.
type EventKind string

// The kinds of events.
const (
	// EventTick: time has passed.
	EventTick EventKind = "tick"
	// EventBatch: a batch of nodes begins or has ended.
	EventBatch EventKind = "batch"
	// EventConnecting: a node is being connected to.
	EventConnecting EventKind = "connecting"
	// EventGathering: logged in; the node's files are being read.
	EventGathering EventKind = "gathering"
	// EventPlanned: it is known what there is to do on the node.
	EventPlanned EventKind = "planned"
	// EventApplying: a step of the node's change begins.
	EventApplying EventKind = "applying"
	// EventPostponed: the node cannot be reached and is tried again after the others.
	EventPostponed EventKind = "postponed"
	// EventFinished: the node's turn is over. Comes once for each node.
	EventFinished EventKind = "finished"
)

// Event is something that happened.
type Event struct {
	// Kind is what it is about.
	Kind EventKind
	// Since is the time since the call began; 0 for a tick.
	Since time.Duration
	// Batch is the batch of an [EventBatch]; else nil.
	Batch *Batch
	// Node is the node's place in the list that was given, counted from 0; [AllNodes] if it is about no single node.
	Node int
	// Name is the node's name.
	Name string
	// Elapsed is the time since the node's turn began.
	Elapsed time.Duration
	// Plan is what there is to do, of an [EventPlanned]; else nil.
	Plan *Outline
	// Step is the step of an [EventApplying], such as stage or restart containerd.
	Step string
	// Report is how the node ended, of an [EventFinished] or [EventPostponed]; else nil.
	Report *NodeReport
}

// Batch is a number of nodes that are worked on together.
type Batch struct {
	// Number counts batches from 1.
	Number int
	// Of is how many there are, as far as is known.
	Of int
	// Kind is canary, nodes or control_plane.
	Kind string
	// Round is how many times these nodes have been tried before.
	Round int
	// Nodes are the nodes' places in the list that was given.
	Nodes []int
	// Begins is whether the batch begins; else it has ended.
	Begins bool
}

// parseEvent reads an event as the library writes it.
func parseEvent(text []byte) (Event, error) {
	var raw struct {
		Event, Stage, Name, Step string
		Since, Elapsed           float64
		Index                    int
		Plan                     *Outline
		Report                   *NodeReport
	}
	if err := decode(text, &raw); err != nil {
		return Event{}, err
	}
	event := Event{Kind: EventKind(raw.Event), Node: AllNodes, Since: seconds(raw.Since)}
	switch raw.Event {
	case "batch":
		event.Batch = new(Batch)
		return event, decode(text, event.Batch)
	case "node":
		event.Kind, event.Node, event.Name = EventKind(raw.Stage), raw.Index, raw.Name
		event.Elapsed = seconds(raw.Elapsed)
		event.Plan, event.Step, event.Report = raw.Plan, raw.Step, raw.Report
	}
	return event, nil
}

func seconds(count float64) time.Duration {
	return time.Duration(count * float64(time.Second))
}
