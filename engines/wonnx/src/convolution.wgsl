// A packed convolution (onnx_prepare::packed, which says what stands where). An invocation computes the outputs of
// eight filters at four places, so that each weight and each value of the map is used more than once. Neighbours
// have neighbouring places: their loads lie side by side.

@group(0) @binding(0) var<storage, read> map: array<f32>;
@group(0) @binding(1) var<storage, read> weights: array<mat2x4<f32>>;
@group(0) @binding(2) var<storage, read> bias: array<mat2x4<f32>>;
@group(0) @binding(3) var<storage, read_write> output: array<f32>;

// wonnx starts a group for each 256 outputs; 32 invocations in each suffice for 8 x 1 outputs each.
@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let input = vec4<u32>(weights[0][0]);
    let window = vec4<u32>(weights[0][1]);
    let around = vec4<u32>(weights[1][0]);
    let bounds = weights[1][1];
    let channels = input.x;
    let size = input.yz;
    let blocks = input.w;
    let pads = around.xy;
    let columns = around.w;
    let places = around.z * columns;

    // Of four places the second is a quarter of all behind the first. Beyond the last one it is computed again.
    let quarter = (places + 3) / 4;
    let block = id.x / quarter;
    if block >= blocks {
        return;
    }
    let place = min(vec4(id.x % quarter) + vec4(0, 1, 2, 3) * quarter, vec4(places - 1));
    let top = place / columns * window.z - pads.x;
    let left = place % columns * window.w - pads.y;

    // Each column holds a filter's sums at the four places.
    var first = mat4x4<f32>();
    var second = mat4x4<f32>();
    var line = max(blocks, 2) + block * channels * window.x * window.y;
    for (var y = 0u; y < window.x; y++) {
        for (var x = 0u; x < window.y; x++) {
            // Above the map and on its left, rows and columns wrap around to very large ones.
            let row = top + y;
            let column = left + x;
            let inside = (row < vec4(size.x)) & (column < vec4(size.y));
            let kept = select(vec4(0.0), vec4(1.0), inside);
            var at = select(vec4(0u), row * size.y + column, inside);
            for (var channel = 0u; channel < channels; channel++) {
                let values = vec4(map[at.x], map[at.y], map[at.z], map[at.w]) * kept;
                let filters = weights[line];
                first += outer(values, filters[0]);
                second += outer(values, filters[1]);
                at += size.x * size.y;
                line++;
            }
        }
    }

    let shift = bias[block];
    for (var filter_ = 0u; filter_ < 4; filter_++) {
        let begin = (block * 8 + filter_) * places;
        store(begin, place, first[filter_] + shift[0][filter_], bounds);
        store(begin + 4 * places, place, second[filter_] + shift[1][filter_], bounds);
    }
}

fn outer(values: vec4<f32>, filters: vec4<f32>) -> mat4x4<f32> {
    return mat4x4(values * filters.x, values * filters.y, values * filters.z, values * filters.w);
}

fn store(begin: u32, place: vec4<u32>, sums: vec4<f32>, bounds: vec4<f32>) {
    let values = min(max(sums, vec4(bounds.x)), vec4(bounds.y));
    for (var n = 0u; n < 4; n++) {
        output[begin + place[n]] = values[n];
    }
}
