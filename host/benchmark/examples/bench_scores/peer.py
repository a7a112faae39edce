# The same scores in PyTorch, one thread, batch 64 of 32x32: processor seconds per network as JSON.
# "fused": one forward and backward for grad_norm, snip, plain and fisher, then grasp, jacob_cov, synflow.
# "single": every score on its own, as the published code computes them (a copy of the network and a pass each).
import copy, gc, json, sys, time
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_num_threads(1)


class Block(nn.Module):
    def __init__(self, cin, cout, t, s):
        super().__init__()
        mid = cin * t
        layers = [] if t == 1 else [nn.Conv2d(cin, mid, 1, bias=False), nn.BatchNorm2d(mid), nn.ReLU6()]
        layers += [nn.Conv2d(mid, mid, 3, s, 1, groups=mid, bias=False), nn.BatchNorm2d(mid), nn.ReLU6()]
        layers += [nn.Conv2d(mid, cout, 1, bias=False), nn.BatchNorm2d(cout)]
        self.body, self.skip = nn.Sequential(*layers), s == 1 and cin == cout

    def forward(self, x):
        return x + self.body(x) if self.skip else self.body(x)


def mobilenet(stem, strides):
    rows = [(1, 8, 1), (6, 16, 2), (6, 16, 3), (6, 32, 4), (6, 48, 3), (6, 80, 3), (6, 160, 1)]
    layers, cin = [nn.Conv2d(3, 16, 3, stem, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU6()], 16
    for (t, c, n), first in zip(rows, strides):
        for i in range(n):
            layers.append(Block(cin, c, t, first if i == 0 else 1))
            cin = c
    layers += [nn.Conv2d(cin, 1280, 1, bias=False), nn.BatchNorm2d(1280), nn.ReLU6()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1280, 10))


def edge(cin, cout, k, s=1):
    return nn.Sequential(nn.ReLU(), nn.Conv2d(cin, cout, k, s, k // 2, bias=False), nn.BatchNorm2d(cout))


class Cell(nn.Module):
    def __init__(self, c, ops):
        super().__init__()
        self.edges = nn.ModuleList(edge(c, c, 2 * o - 3) if o > 1 else nn.Identity() for o in ops)

    def forward(self, x):
        e = self.edges
        one = e[0](x)
        two = e[1](x) + e[2](one)
        return e[3](x) + e[4](one) + e[5](two)


class Halve(nn.Module):
    def __init__(self, cin, cout):
        super().__init__()
        self.a, self.b = edge(cin, cout, 3, 2), edge(cout, cout, 3)
        self.short = nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(cin, cout, 1, bias=False))

    def forward(self, x):
        return self.short(x) + self.b(self.a(x))


def cells(ops):
    layers, cin = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)], 16
    for c in (16, 32, 64):
        layers += [Halve(cin, c)] if c != cin else []
        layers += [Cell(c, ops) for _ in range(5)]
        cin = c
    return nn.Sequential(*layers, nn.BatchNorm2d(64), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def weighted(net):
    return [m for m in net.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]


def gradients(net, x, y, graph=False):
    weights = [m.weight for m in weighted(net)]
    return weights, torch.autograd.grad(F.cross_entropy(net(x), y), weights, create_graph=graph)


def norms(net, x, y):
    return sum(g.norm().item() for g in gradients(net, x, y)[1])


def snip(net, x, y):
    return sum((w * g).abs().sum().item() for w, g in zip(*gradients(net, x, y)))


def plain(net, x, y):
    return sum((w * g).sum().item() for w, g in zip(*gradients(net, x, y)))


def flows(net, x, y, more):
    outputs = []
    hooks = [m.register_forward_hook(lambda m, i, o: outputs.append(o)) for m in weighted(net)]
    loss = F.cross_entropy(net(x), y)
    weights = [m.weight for m in weighted(net)] if more else []
    found = torch.autograd.grad(loss, outputs + weights)
    [h.remove() for h in hooks]
    total = 0.0
    for m, a, g in zip(weighted(net), outputs, found):
        flow = (a.detach() * g).flatten(2).sum(2) if a.dim() == 4 else a.detach() * g
        total += (0.5 * flow.pow(2).mean(0).sum() * m.weight[0].numel()).item()
    parts = zip(weights, found[len(outputs):])
    return total, [(g.norm().item(), (w * g).sum().item(), (w * g).abs().sum().item()) for w, g in parts]


def fisher(net, x, y):
    return flows(net, x, y, False)[0]


def grasp(net, x, y):
    weights, first = gradients(net, x, y)
    _, second = gradients(net, x, y, True)
    product = sum((a.detach() * b).sum() for a, b in zip(first, second))
    return -sum((w * h).sum().item() for w, h in zip(weights, torch.autograd.grad(product, weights)))


def jacob(net, x, y):
    x = x.clone().requires_grad_(True)
    j = torch.autograd.grad(net(x).sum(), x)[0].flatten(1).double()
    v = torch.linalg.eigvalsh(torch.corrcoef(j))
    return -(torch.log(v + 1e-5) + 1 / (v + 1e-5)).sum().item()


def synflow(net, x, y):
    net = copy.deepcopy(net).double()
    for m in net.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.forward = lambda x: x
    with torch.no_grad():
        [p.abs_() for p in net.parameters()]
    out = net(torch.ones([1] + list(x.shape[1:]), dtype=torch.float64)).sum()
    weights = [m.weight for m in weighted(net)]
    return sum((w * g).abs().sum().item() for w, g in zip(weights, torch.autograd.grad(out, weights)))


def nwot(net, x, y):
    kernel = torch.zeros(len(x), len(x))

    def count(m, i, o):
        c = (o > 0).flatten(1).float()
        kernel.add_(c @ c.t() + (1 - c) @ (1 - c).t())

    hooks = [m.register_forward_hook(count) for m in net.modules() if isinstance(m, (nn.ReLU, nn.ReLU6))]
    with torch.no_grad():
        net(x)
    [h.remove() for h in hooks]
    return torch.linalg.slogdet(kernel)[1].item()


def zico(net, x, y):
    pairs = [gradients(net, x, y)[1], gradients(net, x.flip(1), y)[1]]
    total = 0.0
    for a, b in zip(*pairs):
        std, mean = (a - b).abs() / 2, (a.abs() + b.abs()) / 2
        total += (mean[std > 0] / std[std > 0]).sum().log().item()
    return total


def both(net, x, y):
    gradients(net, x, y)


def fused(net, x, y):
    flows(net, x, y, True)
    grasp(net, x, y), jacob(net, x, y), synflow(net, x, y)


def single(net, x, y):
    for score in (norms, plain, snip, fisher, grasp, synflow, jacob):
        score(copy.deepcopy(net), x, y)
        gc.collect()


def seconds(f, *a):
    """The median of three after one to warm up; what takes seconds is timed once after it."""
    times = []
    for i in range(4):
        start = time.process_time()
        f(*a)
        times.append(time.process_time() - start)
        if i == 1 and times[1] > 2:
            return times[1]
    return sorted(times[1:])[1]


def gemm():
    a, b = torch.randn(1536, 1536), torch.randn(1536, 1536)
    return 2 * 1536**3 / seconds(torch.mm, a, b) / 1e9


torch.manual_seed(0)
nets = {
    "mobilenetv2-w0.5-cifar": lambda: mobilenet(1, [1, 1, 2, 2, 1, 2, 1]),
    "mobilenetv2-w0.5-imagenet": lambda: mobilenet(2, [1, 2, 2, 2, 1, 2, 1]),
    "nasbench201-best": lambda: cells([3, 3, 3, 1, 3, 2]),
}
net, x, y = nets[sys.argv[1]](), torch.randn(64, 3, 32, 32), torch.randint(0, 10, (64,))
names = [("all7_single_s", single), ("all7_fused_s", fused), ("nwot_s", nwot), ("fwd_bwd_s", both), ("synflow_s", synflow), ("zico_s", zico)]
result = {name: seconds(f, net, x, y) for name, f in names}
result["gemm_gflops"] = gemm()
result["params"] = sum(p.numel() for p in net.parameters())
result["version"] = torch.__version__
print(json.dumps(result))
