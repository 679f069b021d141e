"""The calling convention of every op, as the goldens use it.

One line per op: our name, then its parameters in our order. `name?` is an
optional positional parameter, `{a b}` the keys of the trailing options object,
`[ts]` an array of tensors. `x.name(rest, {options})` is the method and
`dg.name(x, rest, {options})` the function; a case uses those of the two that
PyTorch has. Where an optional positional parameter is left out and options
follow, `undefined` stands in its place: `x.sum(undefined, { dtype })`.
This module knows nothing of torch.
"""

TABLE = """
# pointwise, one operand
abs x
acos x
acosh x
asin x
asinh x
atan x
atanh x
bitwiseNot x
ceil x
clamp x {min max}
clampMax x max
clampMin x min
cos x
cosh x
deg2rad x
digamma x
erf x
erfc x
erfinv x
exp x
exp2 x
expm1 x
floor x
frac x
isfinite x
isinf x
isnan x
isneginf x
isposinf x
lgamma x
log x
log10 x
log1p x
log2 x
logSoftmax x dim {dtype}
logicalNot x
logit x {eps}
nanToNum x {nan posinf neginf}
neg x
positive x
rad2deg x
reciprocal x
relu x
round x {decimals}
rsqrt x
sigmoid x
sign x
signbit x
sin x
sinc x
sinh x
softmax x dim {dtype}
sqrt x
square x
tan x
tanh x
trunc x
# pointwise, several operands; other may be a number where PyTorch allows it
add x other {alpha}
addcdiv x tensor1 tensor2 {value}
addcmul x tensor1 tensor2 {value}
atan2 x other
bitwiseAnd x other
bitwiseLeftShift x other
bitwiseOr x other
bitwiseRightShift x other
bitwiseXor x other
copysign x other
div x other {roundingMode}
eq x other
floatPower x exponent
floorDivide x other
fmax x other
fmin x other
fmod x other
ge x other
gt x other
heaviside x values
hypot x other
isclose x other {rtol atol equalNan}
ldexp x other
le x other
lerp x end weight
logaddexp x other
logaddexp2 x other
logicalAnd x other
logicalOr x other
logicalXor x other
lt x other
maximum x other
minimum x other
mul x other
ne x other
pow x exponent
remainder x other
rsub x other {alpha}
sub x other {alpha}
trueDivide x other
where condition x? other?      # method: x.where(condition, other)
xlogy x other
fill x value                   # in place only: x.fill_(value)
zero x                         # in place only
copy x source                  # in place only
# comparison of tensors: plain booleans
allclose x other {rtol atol equalNan}
equal x other
# reductions and scans; dim is a number, an array where PyTorch allows a tuple
all x dim? {keepdim}
amax x dim? {keepdim}
amin x dim? {keepdim}
aminmax x dim? {keepdim}
any x dim? {keepdim}
argmax x dim? {keepdim}
argmin x dim? {keepdim}
countNonzero x dim?
cummax x dim
cummin x dim
cumprod x dim {dtype}
cumsum x dim {dtype}
diff x dim? {n prepend append}
dist x other {p}
logcumsumexp x dim
logsumexp x dim {keepdim}
max x dim|other? {keepdim}
mean x dim? {keepdim dtype}
median x dim? {keepdim}
min x dim|other? {keepdim}
mode x dim? {keepdim}
nanmean x dim? {keepdim dtype}
nanmedian x dim? {keepdim}
nansum x dim? {keepdim dtype}
norm x dim? {p keepdim dtype}
prod x dim? {keepdim dtype}
quantile x q dim? {keepdim interpolation}
std x dim? {correction keepdim}
stdMean x dim? {correction keepdim}
sum x dim? {keepdim dtype}
trapezoid y dim? {x dx}
var x dim? {correction keepdim}
varMean x dim? {correction keepdim}
# shape
T x                            # property
mT x                           # property
atleast1d x
atleast2d x
atleast3d x
broadcastTensors [tensors]
broadcastTo x size
cat [tensors] dim?
chunk x chunks dim?
clone x
columnStack [tensors]
contiguous x
diag x {diagonal}
diagEmbed x {offset dim1 dim2}
diagonal x {offset dim1 dim2}
dsplit x indicesOrSections
dstack [tensors]
expand x size
expandAs x other
flatten x {startDim endDim}
flip x dims
fliplr x
flipud x
hsplit x indicesOrSections
hstack [tensors]
moveaxis x source destination
movedim x source destination
narrow x dim start length
permute x dims
ravel x
repeat x repeats
repeatInterleave x repeats dim? {outputSize}
reshape x shape
reshapeAs x other
roll x shifts dims?
rot90 x k? dims?
select x dim index
split x splitSizeOrSections dim?
squeeze x dim?
stack [tensors] dim?
swapaxes x axis0 axis1
t x
tensorSplit x indicesOrSections dim?
tile x dims
transpose x dim0 dim1
tril x {diagonal}
triu x {diagonal}
unbind x dim?
unflatten x dim sizes
unfold x dim size step
unsqueeze x dim
view x shape
viewAs x other
vsplit x indicesOrSections
vstack [tensors]
# indexing, sorting
argsort x dim? {descending stable}
argwhere x
at x ...index
bincount x {weights minlength}
bucketize x boundaries {right outInt32}
gather x dim index
histc x {bins min max}
indexAdd x dim index source {alpha}
indexCopy x dim index source
indexFill x dim index value
indexPut x [indices] values {accumulate}
indexSelect x dim index
maskedFill x mask value
maskedScatter x mask source
maskedSelect x mask
msort x
nonzero x {asTuple}
put x index source {accumulate}
scatter x dim index src
scatterAdd x dim index src
scatterReduce x dim index src reduce {includeSelf}
searchsorted sortedSequence values {right side outInt32 sorter}
setAt x index value            # in place only; several indices in one array
sort x dim? {descending stable}
take x index
takeAlongDim x indices dim?
topk x k dim? {largest sorted}
unique x dim? {sorted returnInverse returnCounts}
uniqueConsecutive x dim? {returnInverse returnCounts}
# products
addmm x mat1 mat2 {beta alpha}
addmv x mat vec {beta alpha}
addr x vec1 vec2 {beta alpha}
baddbmm x batch1 batch2 {beta alpha}
bmm x mat2
chainMatmul [matrices]
cross x other dim?
dot x other
einsum equation [operands]

# convolutions
conv1d x weight {bias stride padding dilation groups}
conv2d x weight {bias stride padding dilation groups}
conv3d x weight {bias stride padding dilation groups}
convTranspose1d x weight {bias stride padding outputPadding groups dilation}
convTranspose2d x weight {bias stride padding outputPadding groups dilation}
convTranspose3d x weight {bias stride padding outputPadding groups dilation}
inner x other
kron x other
matmul x other
mm x mat2
mv x vec
outer x vec2
tensordot x other dims?
trace x
vdot x other
# creation
arange start end? step? {dtype}
asTensor data {dtype}
cartesianProd [tensors]
combinations x {r withReplacement}
emptyLike x {dtype}
empty size {dtype}
eye n m? {dtype}
full size fillValue {dtype}
fullLike x fillValue {dtype}
linspace start end steps {dtype}
logspace start end steps {base dtype}
meshgrid [tensors] {indexing}
oneHot x {numClasses}
ones size {dtype}
onesLike x {dtype}
tensor data {dtype}
vander x {N increasing}
zeros size {dtype}
zerosLike x {dtype}
# linear algebra
choleskyInverse x {upper}
choleskySolve x l {upper}
det x
inverse x
logdet x
slogdet x
matrixExp x
matrixPower x n
pinverse x {rcond}
linalg.cholesky x {upper}
linalg.cond a {p}
linalg.cross x other dim?
linalg.diagonal a {offset dim1 dim2}
linalg.eigh a {UPLO}
linalg.eigvalsh a {UPLO}
linalg.householderProduct a tau
linalg.lstsq a b {rcond driver}
linalg.matmul x other
linalg.matrixExp x
linalg.matrixNorm a dim? {ord keepdim dtype}
linalg.matrixPower x n
linalg.matrixRank a {atol rtol hermitian}
linalg.multiDot [tensors]
linalg.norm a dim? {ord keepdim dtype}
linalg.pinv a {atol rtol hermitian}
linalg.qr a {mode}
linalg.svd a {fullMatrices}
linalg.svdvals a
linalg.tensorinv a {ind}
linalg.tensorsolve a b dims?
linalg.vander x {N}
linalg.vecdot x y dim?
linalg.vectorNorm x dim? {ord keepdim dtype}
linalg.choleskyEx x {upper checkErrors}
linalg.det x
linalg.inv x
linalg.invEx x {checkErrors}
linalg.lu x {pivot}
linalg.luFactor x {pivot}
linalg.luFactorEx x {pivot checkErrors}
linalg.luSolve LU pivots b {left adjoint}
linalg.slogdet x
linalg.solve a b {left}
linalg.solveEx a b {left checkErrors}
linalg.solveTriangular a b {upper left unitriangular}
# rarer ops
bartlettWindow windowLength {periodic dtype}
blackmanWindow windowLength {periodic dtype}
blockDiag [tensors]
canCast from to
cdist x1 x2 {p computeMode}
corrcoef x
cov x {correction fweights aweights}
diagonalScatter x src {offset dim1 dim2}
fillDiagonal x fillValue {wrap}  # in place only
frexp x
gcd x other
gradient x dim? {spacing edgeOrder}
hammingWindow windowLength {periodic alpha beta dtype}
hannWindow windowLength {periodic dtype}
kaiserWindow windowLength {periodic beta dtype}
histogram x bins {range weight density}
isNonzero x
isin elements testElements {assumeUnique invert}
kthvalue x k dim? {keepdim}
lcm x other
nextafter x other
pdist x {p}
promoteTypes type1 type2
renorm x p dim maxnorm
resultType x other
selectScatter x src dim index
sliceScatter x src dim? {start end step}
unravelIndex indices shape
# special functions
special.besselJ0 x
special.besselJ1 x
special.besselY0 x
special.besselY1 x
special.digamma x
special.entr x
special.erf x
special.erfc x
special.erfcx x
special.erfinv x
special.exp2 x
special.expit x
special.expm1 x
special.gammaln x
special.i0 x
special.i0e x
special.i1 x
special.i1e x
special.log1p x
special.logNdtr x
special.modifiedBesselI0 x
special.modifiedBesselI1 x
special.modifiedBesselK0 x
special.modifiedBesselK1 x
special.ndtr x
special.ndtri x
special.psi x
special.scaledModifiedBesselK0 x
special.scaledModifiedBesselK1 x
special.sinc x
special.sphericalBesselJ0 x
special.gammainc x other
special.gammaincc x other
special.xlog1py x other
special.xlogy x other
special.zeta x other
special.logSoftmax x dim {dtype}
special.logit x {eps}
special.logsumexp x dim {keepdim}
special.multigammaln x p
special.polygamma n x
special.round x {decimals}
special.softmax x dim {dtype}
i0 x
igamma x other
igammac x other
# casts
bool x
double x
float x
half x
int x
long x
to x dtype
type x dtype
# reading, in error cases
item x
backward x gradient?
requiresGrad x                 # as requiresGrad_
"""


def parse_table():
    """Returns {op: (required, optional, options)}."""
    table = {}
    for line in TABLE.splitlines():
        line = line.split("#")[0].strip()
        if not line:
            continue
        head, _, tail = line.partition("{")
        name, *params = head.split()
        required = [p for p in params if not p.endswith("?")]
        optional = [p[:-1] for p in params if p.endswith("?")]
        table[name] = (required, optional, tail.rstrip("}").split())
    return table


SIGNATURES = parse_table()
