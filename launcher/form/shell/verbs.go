package shell

import (
	"fmt"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"slices"
	"strings"
)

// answer is what is done with a verb of an engine.
type answer uint8

const (
	opens    answer = iota // it may start or change a container, and is not judged; also every verb of no table
	idle                   // it starts nothing and changes nothing of what a container may do
	runs                   // read as a run, or as the pod that it makes
	nested                 // a verb of its own follows
	executes               // runs a program in a container that is there: harmless but with more rights
	prefixes               // a command of the host follows
	brings                 // harmless but with options that bring in a driver or a program: see bringing
)

// verb is a word behind an engine's name, or two of them.
type verb struct {
	answer answer
	why    string // what the reader of an audit is told where it opens
}

// verbTable are the verbs of podman 4.3 to 5.8 and docker 28 with its plugins. What
// a verb does is the same in both where both have it, so that one table answers;
// docker may be podman.
var verbTable = makeVerbs()

const (
	startsOld = "starts a container whose settings are not said here"
	makesMore = "makes containers of a file that is not read"
	buildsOne = "runs what a Containerfile says while it builds"
	otherHost = "decides which engine the next lines talk to"
)

func makeVerbs() map[string]verb {
	out := map[string]verb{}
	add := func(a answer, why, names string) {
		for _, name := range strings.Split(names, ",") {
			out[strings.TrimSpace(name)] = verb{a, why}
		}
	}
	add(runs, "", "run, create, container run, container create, pod create")
	add(nested, "", `container, pod, kube, play, volume, machine, machine os, system, system connection, generate, quadlet, image, image trust,
		network, secret, manifest, healthcheck, farm, artifact, builder, buildx, buildx history, buildx imagetools, buildx dap, compose, config,
		context, node, plugin, service, stack, swarm, trust, trust key, trust signer, checkpoint, model, desktop`)
	add(executes, "", "exec, container exec")
	add(prefixes, "", "unshare")
	add(brings, "makes a volume of a driver's options, which may name any directory of the host", "volume create")
	add(brings, "makes a secret for which the engine runs a program of the host", "secret create")
	add(brings, "gives the containers another runtime", "system migrate")
	add(opens, startsOld, `start, restart, init, container start, container restart, container init, container clone, container restore, pod clone, pod start,
		pod restart, auto-update, desktop start, desktop restart`)
	add(opens, "runs the command of a label of an image", "container runlabel")
	add(opens, "changes what a container may use", "update, container update, network connect")
	add(opens, makesMore, `play kube, kube play, kube apply, compose up, compose run, compose create, compose start, compose restart, compose exec, compose watch,
		compose scale, compose publish, compose bridge, compose alpha, stack deploy, stack up, quadlet install`)
	add(opens, buildsOne, `build, image build, buildx build, buildx b, buildx bake, buildx f, buildx debug, buildx create, buildx install, buildx dap build, builder build,
		farm build, compose build, debug, bake`)
	add(opens, "makes containers on the hosts of a swarm", `service create, service update, service scale, service rollback, swarm init, swarm join, swarm update,
		swarm unlock, swarm ca, node update, node promote, node demote`)
	add(opens, "opens an API through which anybody who reaches it makes containers", "system service, system dial-stdio")
	add(opens, otherHost, `system connection add, system connection default, system connection remove, system connection rename, context create, context import,
		context update, context use, context rm, context remove, farm create, farm update, farm remove, farm rm, buildx use`)
	add(opens, "starts or changes a virtual machine", `machine init, machine start, machine set, machine ssh, machine cp, machine os apply, machine os upgrade, machine reset,
		machine rm, machine stop, machine client9p, machine server9p`)
	add(opens, "adds a program to the engine", "plugin create, plugin enable, plugin install, plugin set, plugin upgrade, plugin push")
	add(opens, "decides which images are taken for signed", "image trust set, trust sign, trust key generate, trust key load, trust signer add, trust signer remove, trust revoke")
	add(opens, "runs a model or an agent in containers of its own", "model run, model serve, mcp, sandbox, ai, agent, cagent, extension, offload, cloud, dev, model install-runner, model start-runner")
	add(opens, "restores a container that a checkpoint holds", "checkpoint create")
	add(idle, "", `attach, commit, cp, diff, events, export, help, history, images, import, info, inspect, kill, load, login, logout, logs, mount, pause,
		port, ps, list, ls, pull, push, rename, rm, rmi, save, search, stats, stop, tag, top, umount, unmount, unpause, untag, version, wait, completion,
		container attach, container checkpoint, container cleanup, container commit, container cp, container diff, container exists, container export,
		container inspect, container kill, container list, container ls, container logs, container mount, container pause, container port, container prune,
		container ps, container rename, container rm, container stats, container stop, container top, container umount, container unmount,
		container unpause, container wait,
		pod exists, pod inspect, pod kill, pod list, pod logs, pod ls, pod pause, pod prune, pod ps, pod rm, pod stats, pod stop, pod top, pod unpause,
		kube down, kube generate, generate kube, generate spec, generate systemd, healthcheck run,
		image diff, image exists, image history, image import, image inspect, image list, image load, image ls, image mount, image prune, image pull, image push,
		image rm, image save, image scp, image search, image sign, image tag, image tree, image trust show, image umount, image unmount, image untag,
		manifest add, manifest annotate, manifest create, manifest exists, manifest inspect, manifest push, manifest remove, manifest rm,
		network create, network disconnect, network exists, network inspect, network list, network ls, network prune, network reload,
		network remove, network rm, network update,
		secret exists, secret inspect, secret list, secret ls, secret remove, secret rm,
		volume exists, volume export, volume import, volume inspect, volume list, volume ls, volume mount, volume prune, volume reload, volume remove, volume rm,
		volume umount, volume unmount, volume update,
		system check, system df, system events, system info, system locks, system prune, system renumber, system reset,
		system connection list, system connection ls, machine info, machine inspect, machine list, machine ls, farm list, farm ls,
		quadlet list, quadlet ls, quadlet print, quadlet rm, quadlet remove, artifact add, artifact extract, artifact inspect, artifact list, artifact ls,
		artifact pull, artifact push, artifact remove, artifact rm,
		builder prune, buildx du, buildx inspect, buildx ls, buildx prune, buildx rm, buildx stop, buildx uninstall, buildx version, buildx imagetools create,
		buildx imagetools inspect, buildx history export, buildx history import, buildx history inspect, buildx history logs, buildx history ls,
		buildx history open, buildx history rm, buildx history trace,
		compose attach, compose commit, compose config, compose convert, compose cp, compose down, compose events, compose export, compose images,
		compose kill, compose logs, compose ls, compose pause, compose port, compose ps, compose pull, compose push, compose rm, compose stats,
		compose stop, compose top, compose unpause, compose version, compose volumes, compose wait,
		config create, config inspect, config ls, config list, config rm, context export, context inspect, context list, context ls, context show,
		node inspect, node list, node ls, node ps, node rm, plugin disable, plugin inspect, plugin list, plugin ls, plugin rm, plugin remove,
		service inspect, service list, service logs, service ls, service ps, service rm, stack config, stack down, stack list, stack ls, stack ps, stack rm,
		stack services, swarm join-token, swarm leave, swarm unlock-key, trust inspect, checkpoint list, checkpoint ls, checkpoint rm,
		scout, sbom, scan, model list, model ls, model pull, model rm, model status, model version, desktop status, desktop stop, desktop version`)
	return out
}

// verbOf finds the answer to the words behind an engine's global options, and how
// many of them are the verb.
func verbOf(words []command.Word) (v verb, name string, n int) {
	name = words[0].Text
	v, known := verbTable[name]
	for n = 1; known && v.answer == nested && n < len(words) && n < 3; n++ {
		w := words[n]
		if len(w.Spans) > 0 {
			return verb{opens, command.Clip(w.Spans[0].Name) + " is expanded by the shell, and may be any verb"}, name, n
		}
		if strings.HasPrefix(w.Text, "-") {
			break
		}
		name += " " + w.Text
		v, known = verbTable[name]
	}
	switch {
	case !known:
		return verb{opens, "is no verb that zlaunch knows"}, name, n
	case v.answer == nested && asksHelp(words[n:]):
		return verb{answer: idle}, name, n
	case v.answer == nested:
		return verb{opens, "goes on with an option that may hide its verb"}, name, n
	}
	return v, name, n
}

// asksHelp tells whether what follows a group of verbs can only print its help.
func asksHelp(words []command.Word) bool {
	return len(words) == 0 || len(words[0].Spans) == 0 && (words[0].Text == "--help" || words[0].Text == "-h")
}

// startingVerb tells whether a word may be a verb that makes or starts a container.
func startingVerb(w command.Word) bool {
	if len(w.Spans) == 0 {
		v, known := verbTable[w.Text]
		return known && v.answer != idle
	}
	rest, at := "", 0
	for _, s := range w.Spans {
		rest += w.Text[at:max(s.From, at)]
		at = max(s.To, at)
	}
	rest += w.Text[at:]
	return strings.Trim(rest, "abcdefghijklmnopqrstuvwxyz-") == ""
}

// judgeVerb tells why an engine's command other than a run is open; "" is that it is
// harmless.
func judgeVerb(engine string, v verb, name string, rest []command.Word) string {
	switch v.answer {
	case idle:
		if why := unusual(name, rest); why != "" {
			return fmt.Sprintf("%s %s: it %s", engine, name, why)
		}
		return ""
	case executes:
		if why := execution(rest); why != "" {
			return fmt.Sprintf("%s %s %s", engine, name, why)
		}
		return ""
	case brings:
		if slices.ContainsFunc(rest, func(w command.Word) bool { return bringsIn(w, name) }) {
			return fmt.Sprintf("%s %s %s", engine, name, v.why)
		}
		return ""
	}
	return fmt.Sprintf("%s %s: it %s", engine, command.Clip(name), v.why)
}

// bringing are the beginnings of the options by which a verb that [brings] does.
var bringing = map[string][]string{
	"volume create":  {"-o", "--opt", "-d", "--driver"},
	"secret create":  {"-d", "--driver"},
	"system migrate": {"--new-runtime"},
}

// bringsIn tells whether the word is, or may be, such an option of the verb.
func bringsIn(w command.Word, verb string) bool {
	expands := len(w.Spans) > 0 && w.Spans[0].From == 0 && w.Parts
	return expands || slices.ContainsFunc(bringing[verb], func(o string) bool { return strings.HasPrefix(w.Text, o) })
}
