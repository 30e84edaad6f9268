const s=globalThis["progressnb@__VERSION__"]??=(()=>{let d;const p=new Promise(r=>d=r);return{ready:p,done:d}})()
export default()=>{const b={waiting:[],take:m=>b.waiting.length<500&&b.waiting.push(m)}
return{initialize({model}){model.on("msg:custom",m=>b.take(m))},async render(x){return(await s.ready).show(x,b)}}}
